def pytest_terminal_summary(terminalreporter):
    skipped = sum("ComfyUI" in str(report.longrepr) for report in terminalreporter.stats.get("skipped", []))
    if skipped:
        terminalreporter.write_line(f"{skipped} skipped for want of a ComfyUI; COMFYUI_PATH says where one is.")
