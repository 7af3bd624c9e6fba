# Each target makes the virtual environment that it needs, from python3 and the package index alone.

PYTHON ?= python3
VENVS := .venv
PINS := --constraint constraints.txt
PACKAGE := pyproject.toml constraints.txt tap_asana/__init__.py

LOADERS := pipelinewise-target-postgres pipelinewise-target-snowflake meltanolabs-target-snowflake z3-target-bigquery
E2E := test meltano airflow dagster prefect dbt target-jsonl tools $(LOADERS)

.DEFAULT_GOAL := help
.PHONY: help demo picture test e2e bench simulate lint audit format readme docs hooks clean

help: ## list the targets
	@sed -n 's/^\([a-z0-9]*\):.*## \(.*\)/make \1 \2/p' $(MAKEFILE_LIST) | awk '{ name = $$1 " " $$2; $$1 = $$2 = ""; printf "%-12s%s\n", name, $$0 }'

demo: $(VENVS)/demo/made $(VENVS)/target-jsonl/made ## read a fake Asana on this machine into DuckDB, and answer questions in demo/report.html
	@$(VENVS)/demo/bin/python -m scripts.demo --target $(VENVS)/target-jsonl/bin/target-jsonl

picture: ## make README's picture of demo/report.html with Chromium
	@$(VENVS)/demo/bin/python -m scripts.picture

test: $(VENVS)/test/made $(VENVS)/target-bigquery/made ## run all tests; PYTEST='-k name' runs some
	@BIGQUERY_PYTHON=$(VENVS)/target-bigquery/bin/python $(VENVS)/test/bin/python -m pytest $(PYTEST)

e2e: $(E2E:%=$(VENVS)/%/made) ## install and run Meltano, schedulers, dbt, loaders and an image with the tap; takes a long while
	@MELTANO=$(VENVS)/meltano/bin/meltano AIRFLOW=$(VENVS)/airflow/bin/airflow TARGET_JSONL=$(VENVS)/target-jsonl/bin/target-jsonl \
		DBT=$(VENVS)/dbt/bin/dbt DAGSTER=$(VENVS)/dagster/bin/dagster PREFECT=$(VENVS)/prefect/bin/prefect UV=$(VENVS)/tools/bin/uv \
		LOADERS=$(VENVS) \
		$(VENVS)/test/bin/python -m pytest --numprocesses=0 e2e $(PYTEST)

bench: $(VENVS)/bench/made ## measure requests, speed and memory; BENCH='--quick' or '--write'
	@$(VENVS)/bench/bin/python -m bench $(BENCH)

simulate: $(VENVS)/test/made ## play random histories against random Asanas; SIMULATE='--seed 7' or '--minutes 60'
	@$(VENVS)/test/bin/python -m simulate $(SIMULATE)

lint: $(VENVS)/lint/made $(VENVS)/audit/made ## check style, types, dependencies and their known vulnerabilities (if online)
	@$(VENVS)/lint/bin/ruff check
	@$(VENVS)/lint/bin/ruff format --check
	@$(VENVS)/lint/bin/mypy
	@$(VENVS)/lint/bin/deptry .
	@$(VENVS)/audit/bin/python -m scripts.audit

audit: $(VENVS)/audit/made ## check the pinned dependencies for known vulnerabilities; fails if neither PyPI nor OSV answers
	@$(VENVS)/audit/bin/python -m scripts.audit --required

format: $(VENVS)/lint/made ## format all files
	@$(VENVS)/lint/bin/ruff check --fix
	@$(VENVS)/lint/bin/ruff format

readme: $(VENVS)/test/made ## generate the tables of the docs, the Hub's definition, sql/ and dbt/
	@$(VENVS)/test/bin/python -m scripts.readme
	@$(VENVS)/test/bin/python -m scripts.hub
	@$(VENVS)/test/bin/python -m scripts.freshness
	@$(VENVS)/test/bin/python -m scripts.views
	@$(VENVS)/test/bin/python -m scripts.deleted_rows
	@$(VENVS)/test/bin/python -m scripts.dbt_package
	@$(VENVS)/test/bin/python -m scripts.superseded_rows

docs: $(VENVS)/docs/made ## build the site of the documentation into site/html; any warning fails
	@$(VENVS)/docs/bin/python -m scripts.pages
	@NO_MKDOCS_2_WARNING=1 $(VENVS)/docs/bin/python -m mkdocs --quiet build

hooks: $(VENVS)/hooks/made $(VENVS)/lint/made $(VENVS)/test/made ## have git run ruff, mypy and the generators before each commit
	@$(VENVS)/hooks/bin/pre-commit install

clean: ## remove generated files
	rm -rf $(VENVS) demo dist site .mypy_cache .pytest_cache .ruff_cache .hypothesis

# One pip makes all environments, which saves each of them the installation of its own.
$(VENVS)/pip/made: Makefile
	@$(PYTHON) -m venv --clear $(VENVS)/pip
	@$(VENVS)/pip/bin/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	@touch $@

$(VENVS)/demo/made: $(PACKAGE) | $(VENVS)/pip/made
	$(call venv,demo,$(PINS) --editable . --group demo)

$(VENVS)/test/made: $(PACKAGE) | $(VENVS)/pip/made
	$(call venv,test,$(PINS) --editable . --group test)

$(VENVS)/bench/made: $(PACKAGE) | $(VENVS)/pip/made
	$(call venv,bench,$(PINS) --editable . --group test)

$(VENVS)/audit/made: Makefile | $(VENVS)/pip/made
	$(call venv,audit,--no-compile pip-audit==2.10.1)

$(VENVS)/lint/made: $(PACKAGE) | $(VENVS)/pip/made
	$(call venv,lint,$(PINS) --no-compile --editable . --group lint)

$(VENVS)/docs/made: pyproject.toml constraints.txt | $(VENVS)/pip/made
	$(call venv,docs,$(PINS) --group docs)

$(VENVS)/hooks/made: Makefile | $(VENVS)/pip/made
	$(call venv,hooks,pre-commit==4.7.0)

# The requirements of these two are much older than the tap's, so each gets its own environment.
$(VENVS)/target-jsonl/made: Makefile | $(VENVS)/pip/made
	$(call venv,target-jsonl,target-jsonl==0.1.4)

$(VENVS)/target-bigquery/made: Makefile | $(VENVS)/pip/made
	$(call venv,target-bigquery,--no-compile target-bigquery-partition==0.2.5)

$(VENVS)/meltano/made: Makefile | $(VENVS)/pip/made
	$(call venv,meltano,meltano==4.4.1)

$(VENVS)/airflow/made: Makefile | $(VENVS)/pip/made
	$(call venv,airflow,apache-airflow==3.3.2 astronomer-cosmos==1.15.1)

$(VENVS)/dagster/made: Makefile | $(VENVS)/pip/made
	$(call venv,dagster,dagster==1.13.28)

$(VENVS)/prefect/made: Makefile | $(VENVS)/pip/made
	$(call venv,prefect,prefect==3.9.1)

$(VENVS)/tools/made: Makefile | $(VENVS)/pip/made
	$(call venv,tools,pipx==1.18.4 uv==0.13.9)

# Some of these need older versions of what they require than they say.
$(VENVS)/pipelinewise-target-postgres/made: Makefile | $(VENVS)/pip/made
	$(call venv,pipelinewise-target-postgres,pipelinewise-target-postgres==2.1.2)

$(VENVS)/pipelinewise-target-snowflake/made: Makefile | $(VENVS)/pip/made
	$(call venv,pipelinewise-target-snowflake,pipelinewise-target-snowflake==2.3.0 "numpy<2")

$(VENVS)/meltanolabs-target-snowflake/made: Makefile | $(VENVS)/pip/made
	$(call venv,meltanolabs-target-snowflake,meltanolabs-target-snowflake==0.20.4)

$(VENVS)/z3-target-bigquery/made: Makefile | $(VENVS)/pip/made
	$(call venv,z3-target-bigquery,z3-target-bigquery==0.7.2 "setuptools<81")

# Later versions of dbt-core download a part from GitHub when they are installed.
$(VENVS)/dbt/made: Makefile | $(VENVS)/pip/made
	$(call venv,dbt,dbt-core==1.10.23 dbt-duckdb==1.11.1 dbt-postgres==1.11.0)

define venv
	@echo "Making $(VENVS)/$(1)"
	@$(PYTHON) -m venv --clear --without-pip $(VENVS)/$(1)
	@$(VENVS)/pip/bin/python -m pip --python $(VENVS)/$(1)/bin/python install --quiet --disable-pip-version-check $(2)
	@touch $(VENVS)/$(1)/made
endef
