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

help: ## List the commands
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

demo: $(READY) ## Show the whole product against an emulated QuickBooks; needs no account
	@$(VENV)/bin/cleo-accounting demo $(DEMO_FLAGS)

try: $(READY) ## Run an emulated QuickBooks and the service, to try files of your own (docs/try.md)
	@. docs/try.env; quickbooks-emulator --client-id try --client-secret try --state try-books.json \
		--redirect-uri http://localhost:8000/api/integrations/accounting/callback > /dev/null & \
		emulator=$$!; trap "kill $$emulator 2> /dev/null" EXIT INT TERM; cleo-accounting serve

try-consent: $(READY) ## Connect to the emulated QuickBooks of `make try` without a browser
	@. docs/try.env; link=$$(cleo-accounting connect --no-wait 2> /dev/null); \
		company=$$(curl -s localhost:9000/_emulator/companies | grep -o '"realm_id": "[0-9]*' | cut -d'"' -f4); \
		page=$$(cleo-accounting page 2> /dev/null); \
		python -c 'import sys; from cleo_accounting.demo.person import connect; connect(*sys.argv[1:])' \
		"$$link" "$$company" "$$page" && cleo-accounting status

test: $(READY) ## Run the tests
	$(VENV)/bin/pytest $(PYTEST_FLAGS)

postgres: $(READY) ## Run all tests on PostgreSQL; `make test` does so only where SQL differs
	$(VENV)/bin/pytest $(PYTEST_FLAGS) --every-database -k postgres tests/flows tests/store tests/web tests/attacks

check: $(READY) ## Run all checks: format, lint, types, import rules, tests
	$(VENV)/bin/ruff format --check
	$(VENV)/bin/ruff check
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	$(VENV)/bin/python -m supply audit
	$(VENV)/bin/pytest $(PYTEST_FLAGS)

audit: $(READY) ## Look up known vulnerabilities of all locked packages; STRICT=--strict fails if the lookup does
	@$(VENV)/bin/python -m supply audit $(STRICT)

sbom: $(READY) ## Write a bill of materials (CycloneDX) of each distribution into build/supply
	@$(VENV)/bin/python -m supply sbom

secrets: $(READY) ## Search the repository and its history for secrets
	@$(VENV)/bin/python -m supply secrets --history

wheels: $(READY) ## Build the wheels twice, compare them, and put them into dist
	@$(VENV)/bin/python -m supply wheels

prove: $(READY) ## Run the proof for ten minutes and write its results into docs/proof.md
	@$(VENV)/bin/python -m proof $(PROVE_FLAGS)

survive: $(READY) ## Run the property tests of documents that people edit: SEED=1 EXAMPLES=4000
	HYPOTHESIS_PROFILE=campaign HYPOTHESIS_EXAMPLES=$(or $(EXAMPLES),4000) $(VENV)/bin/pytest --timeout=0 --session-timeout=86400 \
		tests/flows/test_work_survives.py --hypothesis-seed=$(or $(SEED),1)

screenshots: $(READY) ## Take screenshots of every state of the page into build/screenshots
	$(VENV)/bin/python -m tests.page.pictures build/screenshots

format: $(READY) ## Format the code
	$(VENV)/bin/ruff format
	$(VENV)/bin/ruff check --fix

clean: ## Delete the environment and everything that was built
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist build

$(READY): uv.lock pyproject.toml emulator/pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed." >&2; exit 1; }
	@test -x $(VENV)/bin/python || $(PYTHON) -m venv $(VENV) \
		|| { echo "Could not make $(VENV). On Debian: apt-get install python3-venv" >&2; exit 1; }
	@test -x "$(UV)" || $(VENV)/bin/python -m pip install --quiet --require-hashes --requirement supply/uv.txt
	$(UV) sync --quiet --locked --all-packages
	@touch $@
