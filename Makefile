# Everything a person or a machine does here. Needs Python 3.11 or newer, make, and a registry.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
# A uv that is there already is used; else one is fetched into the environment.
UV := $(or $(shell command -v uv),$(VENV)/bin/uv)
# Where the machine has certificates of its own, they count: a network may have its own authority.
export UV_SYSTEM_CERTS ?= $(if $(wildcard /etc/ssl/certs/ca-certificates.crt),true,false)
READY := $(VENV)/.ready
DEMO_FLAGS ?=
PYTEST_FLAGS ?= -n auto --dist worksteal
PROVE_FLAGS ?= --page

.PHONY: try try-consent demo test postgres check audit sbom secrets wheels prove survive screenshots format clean help

help: ## Say what there is
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

demo: $(READY) ## See the whole of it work, against an emulated QuickBooks, without any account
	@$(VENV)/bin/cleo-accounting demo $(DEMO_FLAGS)

try: $(READY) ## Serve an emulated QuickBooks and the service, for files of your own (docs/try.md)
	@. docs/try.env; quickbooks-emulator --client-id try --client-secret try --state try-books.json \
		--redirect-uri http://localhost:8000/api/integrations/accounting/callback > /dev/null & \
		emulator=$$!; trap "kill $$emulator 2> /dev/null" EXIT INT TERM; cleo-accounting serve

try-consent: $(READY) ## Connect to that emulated QuickBooks without a browser
	@. docs/try.env; link=$$(cleo-accounting connect --no-wait 2> /dev/null); \
		company=$$(curl -s localhost:9000/_emulator/companies | grep -o '"realm_id": "[0-9]*' | cut -d'"' -f4); \
		page=$$(cleo-accounting page 2> /dev/null); \
		python -c 'import sys; from cleo_accounting.demo.person import connect; connect(*sys.argv[1:])' \
		"$$link" "$$company" "$$page" && cleo-accounting status

test: $(READY) ## Run the tests
	$(VENV)/bin/pytest $(PYTEST_FLAGS)

postgres: $(READY) ## Run every test that takes a database on PostgreSQL, which `test` does where SQL differs
	$(VENV)/bin/pytest $(PYTEST_FLAGS) --every-database -k postgres tests/flows tests/store tests/web tests/attacks

check: $(READY) ## All that must be green: format, lint, types, import rules, tests
	$(VENV)/bin/ruff format --check
	$(VENV)/bin/ruff check
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	$(VENV)/bin/python -m supply audit
	$(VENV)/bin/pytest $(PYTEST_FLAGS)

audit: $(READY) ## Ask for known holes in every locked package: STRICT=--strict fails where none can be told
	@$(VENV)/bin/python -m supply audit $(STRICT)

sbom: $(READY) ## Write a bill of materials (CycloneDX) of each distribution into build/supply
	@$(VENV)/bin/python -m supply sbom

secrets: $(READY) ## Search all that the repository keeps, and ever kept, for secrets
	@$(VENV)/bin/python -m supply secrets --history

wheels: $(READY) ## Build the wheels twice, see that they are equal, and put them into dist
	@$(VENV)/bin/python -m supply wheels

prove: $(READY) ## Try for ten minutes to break every promise, and write down what came of it
	@$(VENV)/bin/python -m proof $(PROVE_FLAGS)

survive: $(READY) ## Draw ways in which a person works on what we wrote: SEED=1 EXAMPLES=4000
	HYPOTHESIS_PROFILE=campaign HYPOTHESIS_EXAMPLES=$(or $(EXAMPLES),4000) $(VENV)/bin/pytest --timeout=0 --session-timeout=86400 \
		tests/flows/test_work_survives.py --hypothesis-seed=$(or $(SEED),1)

screenshots: $(READY) ## Take a picture of every state of the page, into build/screenshots
	$(VENV)/bin/python -m tests.page.pictures build/screenshots

format: $(READY) ## Put the code in order
	$(VENV)/bin/ruff format
	$(VENV)/bin/ruff check --fix

clean: ## Forget the environment and everything that was built
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist build

$(READY): uv.lock pyproject.toml emulator/pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed." >&2; exit 1; }
	@test -x $(VENV)/bin/python || $(PYTHON) -m venv $(VENV) \
		|| { echo "Could not make $(VENV). On Debian: apt-get install python3-venv" >&2; exit 1; }
	@test -x "$(UV)" || $(VENV)/bin/python -m pip install --quiet --require-hashes --requirement supply/uv.txt
	$(UV) sync --quiet --locked --all-packages
	@touch $@
