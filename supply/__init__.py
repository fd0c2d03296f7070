"""What we ship is made of: known holes, a bill of materials, wheels that anybody can make again."""
