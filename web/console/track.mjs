const FADE = 0.008; // seconds, against clicks where sound begins and ends
const GLIDE = 0.006; // time constant of a fader
const WINDOW = 32768; // samples that a meter can look back, for a screen that is slow
const QUANTUM = 128; // samples that Web Audio works in

// One stem's way through Web Audio: pieces -> channels -> their factors -> meters -> the sum.
export class Track {
  constructor(context, wav, channels, sum) {
    Object.assign(this, { context, wav, channels, delay: 0, sources: [], cursor: 0, take: null });
    this.split = context.createChannelSplitter(channels);
    this.gains = sum.inputs.map((input, channel) => {
      const gain = context.createGain();
      gain.channelCount = 1;
      gain.channelCountMode = "explicit";
      gain.gain.value = 0;
      // A mono stem goes to all channels that come out.
      this.split.connect(gain, Math.min(channel, channels - 1));
      gain.connect(input);
      return gain;
    });
    this.meters = this.gains.map((gain) => meter(context, gain));
  }

  // Factors of the channels that come out; those beyond them are silent.
  set(factors) {
    this.gains.forEach((gain, channel) => gain.gain.setTargetAtTime(factors[channel] ?? 0, this.context.currentTime, GLIDE));
  }

  // Promise that the sound at `position` of the clip is here.
  load(position) {
    const from = position - this.delay;
    return from >= this.wav.samples ? null : this.wav.piece(Math.floor(Math.max(0, from) / this.wav.length));
  }

  // Begins at `cursor`, in samples of play, which is `clock`'s now.
  begin(cursor) {
    this.end();
    this.cursor = cursor;
    this.take = this.context.createGain();
    this.take.connect(this.split);
  }

  // Puts what comes before `horizon` into Web Audio's hands. Where it is not loaded yet: a promise of when to call again.
  fill(clock, horizon) {
    const { length, samples } = this.wav;
    while (this.cursor < Math.min(horizon, clock.end)) {
      const lap = Math.floor(this.cursor / samples);
      const position = this.cursor - lap * samples;
      const from = position - this.delay;
      const room = Math.min(samples - position, clock.end - this.cursor);
      if (from < 0) {
        this.cursor += Math.min(-from, room);
      } else if (from >= samples) {
        this.cursor += room;
      } else {
        const number = Math.floor(from / length);
        const buffer = this.wav.ready(number);
        if (!buffer) return this.wav.piece(number);
        const offset = from - number * length;
        const late = Math.max(0, clock.reached - this.cursor);
        const count = Math.min(buffer.length - offset, room);
        if (count > late) this.#play(buffer, clock.when(this.cursor + late), offset + late, count - late);
        this.cursor += count;
      }
    }
    return null;
  }

  #play(buffer, when, offset, count) {
    const source = new AudioBufferSourceNode(this.context, { buffer });
    source.connect(this.take);
    source.start(when, offset / this.wav.rate, count / this.wav.rate);
    const entry = { source, at: this.cursor };
    this.sources.push(entry);
    source.onended = () => {
      this.sources = this.sources.filter((other) => other !== entry);
    };
  }

  // Takes back what would come from `cursor` on.
  cut(cursor) {
    for (const { source, at } of this.sources) if (at >= cursor) source.stop(0);
    this.cursor = Math.min(this.cursor, cursor);
  }

  end() {
    if (!this.take) return;
    const now = this.context.currentTime;
    const take = this.take;
    take.gain.setTargetAtTime(0, now, FADE / 4);
    for (const { source } of this.sources) source.stop(now + FADE);
    setTimeout(() => take.disconnect(), 100);
    this.sources = [];
    this.take = null;
  }

  close() {
    this.end();
    for (const gain of this.gains) gain.disconnect();
  }
}

// The sum of the tracks, of as many channels, on its way to the loudspeakers.
export class Sum {
  constructor(context, channels) {
    this.context = context;
    this.merge = context.createChannelMerger(channels);
    this.inputs = Array.from({ length: channels }, (_, channel) => {
      const gain = context.createGain();
      gain.connect(this.merge, 0, channel);
      return gain;
    });
    this.meters = this.inputs.map((input) => meter(context, input));
    this.merge.connect(context.destination);
  }

  close() {
    this.merge.disconnect();
  }
}

// A function that gives the highest sample since it was last called.
function meter(context, from) {
  const analyser = context.createAnalyser();
  analyser.fftSize = WINDOW;
  from.connect(analyser);
  const values = new Float32Array(WINDOW);
  let last = 0;
  return () => {
    const passed = Math.round((context.currentTime - last) * context.sampleRate) + QUANTUM;
    last = context.currentTime;
    analyser.getFloatTimeDomainData(values);
    let peak = 0;
    for (let at = Math.max(0, WINDOW - passed); at < WINDOW; at++) peak = Math.max(peak, Math.abs(values[at]));
    return peak;
  };
}
