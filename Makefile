# make demo    a 4 s clip from the shipped weights: output/demo.mp4, and output/demo.png to look at
# make test    the tests; with a ComfyUI (COMFYUI_PATH, ~/comfy/ComfyUI, or the one this folder lies in) those that drive it too
# make setup   only the environment, .venv

PYTHON ?= python3
PY := .venv/bin/python
READY := .venv/.ready
WORKFLOW := workflows/api/text_to_av.json
export COMFYUI_PATH ?= $(patsubst %/main.py,%,$(firstword $(wildcard $(HOME)/comfy/ComfyUI/main.py $(abspath ../../main.py))))

.PHONY: demo test setup

demo: $(READY)
	$(PY) -m headless $(WORKFLOW) --out output/demo.mp4
	$(PY) -m media.sheet output/demo.mp4 output/demo.png
	@echo
	@echo 'output/demo.mp4 is the clip, output/demo.png shows it at a glance. Another one:'
	@echo '  $(PY) -m headless $(WORKFLOW) --set prompt="a hammer hits an anvil" --seed 7 --out output/hammer.mp4'

test: $(READY) $(if $(COMFYUI_PATH),.venv/.comfyui)
	$(PY) -m pytest tests -q

setup: $(READY)

$(READY): constraints.txt Makefile
	test -x $(PY) || $(PYTHON) -m venv .venv
	$(PY) -m pip install --quiet --disable-pip-version-check -c constraints.txt torch torchaudio av einops safetensors numpy pytest
	touch $@

# The server under test runs in this environment too, so that it never touches the user's own.
.venv/.comfyui: $(READY) $(COMFYUI_PATH)/requirements.txt Makefile
	$(PY) -m pip install --quiet --disable-pip-version-check -c constraints.txt -r $(COMFYUI_PATH)/requirements.txt playwright
	touch $@
