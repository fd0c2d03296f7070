// What looks broken without a pixel being compared: text that is cut off, text upon text,
// anything beyond the edge of the window, and targets too small for a finger.
() => {
  const found = [];
  const name = (one) => {
    const text = (one.textContent || one.value || "").trim().replace(/\s+/g, " ").slice(0, 40);
    return `${one.tagName.toLowerCase()}${one.id ? `#${one.id}` : ""} “${text}”`;
  };
  // Kept for those who do not see, scrolled on purpose, or drawn.
  const known = new Map();
  const apart = (one) => {
    if (!one) return false;
    if (!known.has(one)) {
      const hidden = getComputedStyle(one).clipPath !== "none";
      known.set(one, hidden || one.matches(".skip, .scroll, svg, option") || apart(one.parentElement));
    }
    return known.get(one);
  };
  const seen = (one) => one.checkVisibility({ visibilityProperty: true }) && !apart(one);

  for (const one of document.body.querySelectorAll("*")) {
    if (!seen(one)) continue;
    const box = one.getBoundingClientRect();
    if (box.width && (box.right > innerWidth + 1 || box.left < -1)) found.push(`beyond the edge: ${name(one)}`);
    const clips = getComputedStyle(one).overflowX !== "visible" || one.matches("button, .button");
    const writes = [...one.childNodes].some((part) => part.nodeType === 3 && part.data.trim());
    if (writes && clips && one.scrollWidth > one.clientWidth + 1) found.push(`cut off: ${name(one)}`);
  }

  const lines = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let part = walker.nextNode(); part; part = walker.nextNode()) {
    if (!part.data.trim() || !seen(part.parentElement)) continue;
    const range = document.createRange();
    range.selectNodeContents(part);
    for (const box of range.getClientRects()) {
      if (box.width > 1 && box.height > 1) lines.push({ box, part });
    }
  }
  // The box of a letter is higher than what is seen of it, so a little of it may be shared.
  const SHARED = 0.3;
  lines.sort((one, other) => one.box.top - other.box.top);
  lines.forEach(({ box, part }, at) => {
    for (const next of lines.slice(at + 1)) {
      if (next.box.top > box.bottom) break;
      const wide = Math.min(box.right, next.box.right) - Math.max(box.left, next.box.left);
      const high = Math.min(box.bottom, next.box.bottom) - next.box.top;
      if (part !== next.part && wide > 2 && high > SHARED * Math.min(box.height, next.box.height)) {
        found.push(`over one another: ${name(part.parentElement)} and ${name(next.part.parentElement)}`);
      }
    }
  });

  const TARGET = 24;
  for (const one of document.querySelectorAll("a[href], button, input, select, textarea, summary")) {
    if (!seen(one) || one.type === "hidden") continue;
    if (getComputedStyle(one).display === "inline") continue; // within a sentence, as the rule allows
    const box = (one.type === "checkbox" || one.type === "radio" ? one.closest("label") || one : one).getBoundingClientRect();
    if (Math.min(box.width, box.height) < TARGET) {
      const sizes = `${Math.round(box.width)} × ${Math.round(box.height)}`;
      found.push(`too small for a finger (${sizes}): ${name(one)}`);
    }
  }
  return found;
}
