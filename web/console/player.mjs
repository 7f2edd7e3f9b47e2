import { Sum, Track } from "./track.mjs";
import { Wav } from "./wav.mjs";

const AHEAD = 3; // seconds that are in Web Audio's hands; timers of a page in the background are late
const EVERY = 0.2; // seconds between two looks whether that is so
const LEAD = 0.06; // seconds from a start to the first sample

// One context a sample rate: a browser has only a few, and nothing is resampled.
const contexts = new Map();

function contextOf(rate) {
  if (!contexts.has(rate)) contexts.set(rate, new AudioContext({ sampleRate: rate, latencyHint: "interactive" }));
  return contexts.get(rate);
}

// Plays stems together, sample by sample, by the clock of Web Audio. `payload`: see nodes/inputs/console.py. `urlOf`: of its files.
export class Player extends EventTarget {
  constructor(payload, urlOf) {
    super();
    Object.assign(this, { rate: payload.rate, samples: payload.samples, loop: false, playing: false, place: 0, clock: null, turn: 0 });
    this.channels = payload.stems[0].channels;
    this.wavs = Object.fromEntries(payload.stems.map(({ name, file }) => [name, new Wav(urlOf(file), payload.rate, payload.samples)]));
    this.strips = {};
    this.tracks = {};
  }

  get seconds() {
    return this.samples / this.rate;
  }

  // Whether something is heard by now.
  get sounds() {
    return this.clock !== null && this.#heard(performance.now()) > this.clock.from;
  }

  // Seconds into the clip of what is heard at `time`, milliseconds of performance.now().
  at(time = performance.now()) {
    if (!this.clock) return this.place / this.rate;
    const heard = this.#heard(time);
    const within = Math.min(Math.max(heard, this.clock.from), this.clock.end);
    return (within === this.clock.end ? this.samples : within % this.samples) / this.rate;
  }

  // `factors`: name -> factors of its channels; `delays`: name -> milliseconds. Heard at once.
  set(factors, delays) {
    this.strips = { factors, delays };
    for (const [name, track] of Object.entries(this.tracks)) {
      const [only, second] = factors[name];
      track.set(this.channels === 1 && second === undefined ? [only, only] : factors[name]);
      const delay = Math.round((delays[name] * this.rate) / 1000);
      if (delay === track.delay) continue;
      track.delay = delay;
      if (this.clock) this.#again(track);
    }
  }

  async play() {
    if (this.playing) return;
    this.playing = true;
    const turn = ++this.turn;
    this.#changed();
    try {
      this.#open();
      if (this.place >= this.samples) this.place = 0;
      await Promise.all([this.context.resume(), ...Object.values(this.tracks).map((track) => track.load(this.place))]);
    } catch (error) {
      if (turn === this.turn) this.#fail(error);
      return;
    }
    if (turn === this.turn) this.#start();
  }

  pause() {
    if (!this.playing) return;
    this.place = Math.min(this.samples, Math.round(this.at() * this.rate));
    this.#stop();
  }

  seek(seconds) {
    const playing = this.playing;
    if (playing) this.#stop();
    this.place = Math.round(Math.min(Math.max(seconds, 0), this.seconds) * this.rate);
    if (playing) this.play();
    this.#changed();
  }

  repeat(loop) {
    this.loop = loop;
    if (this.clock) {
      this.clock.end = loop ? Infinity : (Math.floor(this.clock.now / this.samples) + 1) * this.samples;
      for (const track of Object.values(this.tracks)) track.cut(this.clock.end);
      this.#fill();
    }
    this.#changed();
  }

  // Peaks of what each strip and the sum play just now: {strips: name -> [one per channel], sum: [...]}.
  peaks() {
    const read = (meters) => meters.map((meter) => meter());
    return {
      strips: Object.fromEntries(Object.entries(this.tracks).map(([name, track]) => [name, read(track.meters)])),
      sum: this.sum ? read(this.sum.meters) : [],
    };
  }

  close() {
    this.#stop();
    for (const track of Object.values(this.tracks)) track.close();
    this.sum?.close();
  }

  // Samples played, laps included, since the start of the clip.
  #heard(time) {
    return this.clock.from + contextTime(this.context, time) * this.rate - this.clock.frame;
  }

  #open() {
    if (this.sum) return;
    this.context = contextOf(this.rate);
    this.sum = new Sum(this.context, Math.max(2, this.channels));
    for (const [name, wav] of Object.entries(this.wavs)) this.tracks[name] = new Track(this.context, wav, this.channels, this.sum);
    this.set(this.strips.factors, this.strips.delays);
  }

  #start() {
    const { rate, samples, context } = this;
    const frame = Math.ceil((context.currentTime + LEAD) * rate);
    const from = this.place;
    this.clock = {
      frame, // of the context, at which the sample `from` sounds
      from,
      end: this.loop ? Infinity : samples,
      when: (sample) => (frame + sample - from) / rate,
      get now() {
        return from + context.currentTime * rate - frame;
      },
      get reached() {
        return Math.ceil(this.now + 0.01 * rate);
      },
    };
    for (const track of Object.values(this.tracks)) track.begin(from);
    this.timer = setInterval(() => this.#fill(), 1000 * EVERY);
    this.#fill();
    this.#changed();
  }

  // A track from here on, after its delay has changed.
  #again(track) {
    track.begin(this.clock.reached);
    this.#fill();
  }

  #fill() {
    const { clock, turn } = this;
    if (!clock) return;
    if (clock.now > clock.end + 0.1 * this.rate) {
      this.place = this.samples;
      this.#stop();
      return;
    }
    for (const track of Object.values(this.tracks)) {
      const loading = track.fill(clock, clock.now + AHEAD * this.rate);
      loading?.then(() => turn === this.turn && this.#fill(), (error) => turn === this.turn && this.#fail(error));
    }
  }

  #fail(error) {
    this.#stop();
    this.dispatchEvent(new CustomEvent("fault", { detail: error }));
  }

  #stop() {
    this.turn++;
    this.playing = false;
    this.clock = null;
    clearInterval(this.timer);
    for (const track of Object.values(this.tracks)) track.end();
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}

// The time of the context that comes out of the loudspeakers at `time`, milliseconds of performance.now().
function contextTime(context, time) {
  const stamp = context.getOutputTimestamp?.();
  if (!stamp?.performanceTime) return context.currentTime - (context.outputLatency || context.baseLatency || 0) + (time - performance.now()) / 1000;
  return stamp.contextTime + (time - stamp.performanceTime) / 1000;
}
