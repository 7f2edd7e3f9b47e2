// The mixer's law, the same as media/mixing.py.

export const OFF = -60; // dB that are silence
export const MOST = 12;
export const STANDARD = ["dialogue", "music", "effects", "ambience"];
export const AT_REST = { gain: 0, mute: false, solo: false, pan: 0, delay: 0 };

// Channels that a pan moves against each other, by channel count; the others stay.
const SIDES = {
  2: [[0, 1]], 3: [[0, 1]], 4: [[0, 1], [2, 3]], 5: [[0, 1], [3, 4]], 6: [[0, 1], [4, 5]], 7: [[0, 1], [5, 6]], 8: [[0, 1], [4, 5], [6, 7]],
};

export function panGains(channels, pan, mono) {
  const angle = ((pan + 1) * Math.PI) / 4;
  const scale = mono ? 1 : Math.SQRT2;
  const gains = new Array(channels).fill(1);
  for (const [left, right] of SIDES[channels] ?? []) {
    gains[left] = scale * Math.cos(angle);
    gains[right] = scale * Math.sin(angle);
  }
  return gains;
}

// Factors of the channels of each strip, name -> [one per channel that comes out]: a mute wins over a solo, and mono stems
// become stereo where one of them is panned.
export function factors(strips, channels) {
  const all = Object.values(strips);
  const soloed = all.some((strip) => strip.solo);
  const widen = channels === 1 && all.some((strip) => strip.pan);
  const out = widen ? 2 : channels;
  const of = (strip) => {
    if (strip.mute || strip.gain <= OFF || (soloed && !strip.solo)) return new Array(out).fill(0);
    const gain = 10 ** (strip.gain / 20);
    return (strip.pan || widen ? panGains(out, strip.pan, widen) : new Array(out).fill(1)).map((factor) => gain * factor);
  };
  return Object.fromEntries(Object.entries(strips).map(([name, strip]) => [name, of(strip)]));
}
