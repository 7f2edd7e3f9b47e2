"""Running what is on the canvas, as its button does."""

RUN = """async () => {
    const over = new Promise((good, bad) => {
        app.api.addEventListener('execution_success', event => good(event.detail.prompt_id), {once: true});
        app.api.addEventListener('execution_error', event => bad(new Error(event.detail.exception_message)), {once: true});
    });
    await app.queuePrompt(0, 1);
    return over;
}"""


def run(page):
    """The id of the run, once it is over for the page too: a node may show what it had before until then."""
    return page.evaluate(RUN)
