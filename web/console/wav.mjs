const SECONDS = 4; // of a piece
const KEPT = 12; // pieces in memory

// A WAV of 32-bit floats at a URL, read piece by piece, so that a long one is never in memory as a whole.
export class Wav {
  constructor(url, rate, samples) {
    Object.assign(this, { url, rate, samples, length: SECONDS * rate, pieces: new Map(), asked: new Map() });
  }

  // The AudioBuffer of piece `number` if it is here.
  ready(number) {
    const piece = this.pieces.get(number);
    if (piece) {
      this.pieces.delete(number); // the one used last is the last to go
      this.pieces.set(number, piece);
    }
    return piece;
  }

  // Promise of that AudioBuffer.
  piece(number) {
    const here = this.ready(number);
    if (here) return Promise.resolve(here);
    if (!this.asked.has(number)) this.asked.set(number, this.#load(number).finally(() => this.asked.delete(number)));
    return this.asked.get(number);
  }

  async #load(number) {
    this.head ??= this.#bytes(0, 1024).then(header);
    const { channels, start } = await this.head;
    const first = number * this.length;
    const count = Math.min(this.length, this.samples - first);
    const size = 4 * channels;
    const values = new Float32Array(await this.#bytes(start + first * size, count * size));
    const buffer = new AudioBuffer({ length: count, numberOfChannels: channels, sampleRate: this.rate });
    for (let channel = 0; channel < channels; channel++) {
      const into = buffer.getChannelData(channel);
      for (let at = 0, from = channel; at < count; at++, from += channels) into[at] = values[from];
    }
    this.pieces.set(number, buffer);
    if (this.pieces.size > KEPT) this.pieces.delete(this.pieces.keys().next().value);
    return buffer;
  }

  async #bytes(from, count) {
    const reply = await fetch(this.url, { headers: { Range: `bytes=${from}-${from + count - 1}` } });
    if (!reply.ok) throw new Error(`${reply.status}`);
    const bytes = await reply.arrayBuffer();
    return reply.status === 206 ? bytes : bytes.slice(from, from + count);
  }
}

// {channels, start: first byte of the samples} from the beginning of a RIFF or RF64 file.
function header(bytes) {
  const view = new DataView(bytes);
  const name = (at) => String.fromCharCode(...new Uint8Array(bytes, at, 4));
  let channels = 0;
  for (let at = 12; at + 8 <= bytes.byteLength; at += 8 + view.getUint32(at + 4, true) + (view.getUint32(at + 4, true) % 2)) {
    if (name(at) === "fmt ") channels = view.getUint16(at + 10, true);
    if (name(at) === "data") return { channels, start: at + 8 };
  }
  throw new Error("no samples");
}
