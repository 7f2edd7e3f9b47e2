const LEAD = 0.03; // seconds from now at which a sound may begin
const FADE = 0.005;
const WITHIN = 1e-4; // seconds past a frame's beginning, so that rounding shows no earlier one
const TOLERANCE = 0.01; // seconds that sound and picture may be apart before the sound is set anew
const PATIENCE = 3; // frames that they must be apart for
const PAUSE = 120; // ms between two settings of the sound

// Plays a small clip: its picture in a muted <video>, its sound decoded, on the clock of Web Audio, so that it can be early as
// well as late by any number of milliseconds, and be moved while it plays.
export class Player {
  constructor(video, moved) {
    this.video = video;
    this.moved = moved;
    this.move = 0; // seconds that the sound is later than in the clip
    for (const event of ["play", "pause", "seeked", "loadeddata"]) video.addEventListener(event, () => this.#changed());
  }

  load(url) {
    this.pause();
    this.url = url;
    this.sound = null;
    if (url) this.video.src = url;
    else this.video.removeAttribute("src");
  }

  close() {
    this.load(null);
    this.context?.close();
  }

  get playing() {
    return !this.video.paused;
  }

  get time() {
    return this.video.currentTime;
  }

  seek(seconds) {
    this.video.currentTime = seconds + WITHIN;
    this.#silence();
  }

  shift(seconds) {
    if (seconds === this.move) return;
    this.move = seconds;
    this.stale = true;
  }

  async play() {
    this.context ??= new AudioContext();
    const url = this.url;
    this.sound ??= fetch(url).then((reply) => reply.arrayBuffer()).then((bytes) => this.context.decodeAudioData(bytes));
    const [buffer] = await Promise.all([this.sound, this.context.resume()]);
    if (url !== this.url) return;
    this.buffer = buffer;
    await this.video.play();
    this.#watch();
  }

  pause() {
    this.video.pause();
    this.#silence();
  }

  #changed() {
    if (!this.playing) this.#silence();
    this.moved();
    if (this.playing) requestAnimationFrame(() => this.playing && this.#changed());
  }

  #watch() {
    this.video.requestVideoFrameCallback((now, frame) => {
      if (!this.playing) return;
      this.#follow(frame);
      this.#watch();
    });
  }

  // `frame` is seen at its expectedDisplayTime; then the sound at this place of the buffer must be heard.
  #follow(frame) {
    const { contextTime, performanceTime } = this.context.getOutputTimestamp();
    if (!performanceTime) return; // not a sample has been heard yet
    const seen = contextTime + (frame.expectedDisplayTime - performanceTime) / 1000;
    const wanted = frame.mediaTime - this.move;
    if (this.source) {
      const apart = Math.abs(this.origin + seen - wanted);
      this.off = apart > TOLERANCE ? (this.off ?? 0) + 1 : 0;
    }
    const due = !this.source || this.stale || this.off >= PATIENCE;
    if (due && !(performance.now() - this.set < PAUSE)) this.#start(wanted - seen);
  }

  // The place in the buffer less the context's time is `origin` from now on.
  #start(origin) {
    this.#silence();
    const begin = Math.max(this.context.currentTime + LEAD, -origin);
    this.set = performance.now();
    this.stale = false;
    this.off = 0;
    this.origin = origin;
    this.source = new AudioBufferSourceNode(this.context, { buffer: this.buffer });
    this.gain = new GainNode(this.context, { gain: 0 });
    this.gain.gain.setValueAtTime(0, begin).linearRampToValueAtTime(1, begin + FADE);
    this.source.connect(this.gain).connect(this.context.destination);
    this.source.start(begin, begin + origin);
  }

  #silence() {
    if (!this.source) return;
    const now = this.context.currentTime;
    this.gain.gain.cancelScheduledValues(now).setTargetAtTime(0, now, FADE / 3);
    this.source.stop(now + 2 * FADE);
    this.source = null;
  }
}
