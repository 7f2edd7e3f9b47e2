"""Networks. Torch only: no ComfyUI, no files, no media libraries."""
