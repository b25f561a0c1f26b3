# make report [LOG=file-or-folder] [OUT=folder]   the report: of the demo log, or of your own data
# make test [PYTHON=python3.13]                   every check, and the tests that each change needs
# make thorough                                   what takes long: every metric on Spark, and properties on many examples
# make wheel                                      the package as users get it: built, installed bare and whole, and run
# make lab | bench | scale | honesty | format     JupyterLab on the notebooks | speed | growth | truth | tidy the code
PYTHON ?= python3
VENV ?= .venv
OUT ?=
LOG ?=
BIN := $(VENV)/bin
# Another PYTHON, another environment.
READY := $(VENV)/.ready-$(notdir $(PYTHON))
TESTS := $(VENV)/.tests
SPARK := $(VENV)/.spark
PIP := "$(BIN)/pip" install --quiet --disable-pip-version-check

.PHONY: report test thorough wheel lab bench scale honesty format
.DELETE_ON_ERROR:

$(READY): requirements.txt pyproject.toml
	$(PYTHON) -m venv --clear "$(VENV)"
	$(PIP) --requirement requirements.txt
	$(PIP) --no-deps --editable .
	@touch "$@"

$(TESTS): $(READY) requirements-test.txt
	$(PIP) --requirement requirements-test.txt
	@touch "$@"

$(SPARK): $(TESTS) requirements-spark.txt
	$(PIP) --requirement requirements-spark.txt
	@touch "$@"

report: $(READY)
ifeq ($(strip $(LOG)),)
	"$(BIN)/l2c" demo -o demo
	"$(BIN)/l2c" report demo/demo_log.csv -o "$(if $(OUT),$(OUT),report)"
else
	"$(BIN)/l2c" report "$(LOG)" $(if $(OUT),-o "$(OUT)")
endif

# Two processes fill two cores; threads of the linear algebra beside them only get in each other's way.
test thorough: export OMP_NUM_THREADS := 1
test thorough: export OPENBLAS_NUM_THREADS := 1

test: $(SPARK)
	"$(BIN)/ruff" check .
	"$(BIN)/ruff" format --check .
	"$(BIN)/pytest" -n 2 --dist loadscope --no-loadscope-reorder -m "not thorough" --nbval --nbval-sanitize-with tests/nbval.cfg --nbval-cell-timeout 120 tests notebooks

thorough: $(SPARK)
	"$(BIN)/pytest" -n 2 --dist loadscope --no-loadscope-reorder -m "thorough or hypothesis" --hypothesis-profile many tests

wheel: $(TESTS)
	"$(BIN)/python" tests/wheel.py

lab: $(READY)
	"$(BIN)/l2c" lab $(if $(LOG),"$(LOG)")

bench: $(TESTS)
	"$(BIN)/python" benchmarks/speed.py
	"$(BIN)/python" benchmarks/dashboard.py

scale: $(SPARK)
	"$(BIN)/python" benchmarks/scale.py --spark

honesty: $(READY)
	"$(BIN)/python" benchmarks/honesty.py

format: $(TESTS)
	"$(BIN)/ruff" check --fix .
	"$(BIN)/ruff" format .
