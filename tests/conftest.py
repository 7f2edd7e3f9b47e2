def pytest_terminal_summary(terminalreporter):
    skipped = sum("ComfyUI" in str(report.longrepr) for report in terminalreporter.stats.get("skipped", []))
    if skipped:
        terminalreporter.write_line(f"{skipped} skipped for want of a ComfyUI, where a folder whose needs are missing counts as one; COMFYUI_PATH says where one is.")
