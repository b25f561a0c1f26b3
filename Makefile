# make report [LOG=file-or-folder] [OUT=folder]   the report: of the demo log, or of your own data
# make test                                       every check and test
# make lab | bench | scale | honesty | format     JupyterLab on the notebooks | speed | growth | truth | tidy the code
PYTHON ?= python3
VENV ?= .venv
OUT ?=
LOG ?=
BIN := $(VENV)/bin
READY := $(VENV)/.ready
SPARK := $(VENV)/.spark

.PHONY: report test lab bench scale honesty format
.DELETE_ON_ERROR:

$(READY): requirements.txt pyproject.toml
	$(PYTHON) -m venv --clear "$(VENV)"
	"$(BIN)/pip" install --quiet --disable-pip-version-check --requirement requirements.txt
	"$(BIN)/pip" install --quiet --disable-pip-version-check --no-deps --editable .
	@touch "$@"

$(SPARK): $(READY) requirements-spark.txt
	"$(BIN)/pip" install --quiet --disable-pip-version-check --requirement requirements-spark.txt
	@touch "$@"

report: $(READY)
ifeq ($(strip $(LOG)),)
	"$(BIN)/l2c" demo -o demo
	"$(BIN)/l2c" report demo/demo_log.csv -o "$(if $(OUT),$(OUT),report)"
else
	"$(BIN)/l2c" report "$(LOG)" $(if $(OUT),-o "$(OUT)")
endif

test: $(SPARK)
	"$(BIN)/ruff" check .
	"$(BIN)/ruff" format --check .
	"$(BIN)/mypy"
	"$(BIN)/pytest" -n 2 --dist loadscope --nbval --nbval-sanitize-with tests/nbval.cfg --nbval-cell-timeout 120 tests notebooks

lab: $(READY)
	"$(BIN)/l2c" lab $(if $(LOG),"$(LOG)")

bench: $(READY)
	"$(BIN)/python" benchmarks/speed.py
	"$(BIN)/python" benchmarks/dashboard.py

scale: $(SPARK)
	"$(BIN)/python" benchmarks/scale.py --spark

honesty: $(READY)
	"$(BIN)/python" benchmarks/honesty.py

format: $(READY)
	"$(BIN)/ruff" check --fix .
	"$(BIN)/ruff" format .
