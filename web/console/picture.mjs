const FAR = 0.3; // seconds off that a seek mends sooner than a change of speed
const SOFT = 0.2; // seconds in which a change of speed mends most of what is off
const FASTEST = 0.5; // most that the speed is changed by
const NEAR = 0.003; // seconds off that are left alone
const EXACT = 0.0005; // seconds off at which a change of speed ends
const LOOK = 6; // pictures whose middle tells how late they are seen, for each comes a little early or late

// Keeps a silent video element with the sound of a player: Web Audio's clock leads, the picture follows.
//
// What steers is the element's own time, which has no noise, and how much later than that its pictures are seen, which has: they come
// on the beat of the screen. That lag has to be followed too: once one picture was held up, Chromium keeps to its rhythm of so many beats
// a picture and shows all that follow as late, up to half a picture.
export class Picture {
  // `start`: seconds on the video's own clock that are 0 in the sound.
  constructor(player, url, start) {
    this.player = player;
    this.start = start;
    this.lags = []; // of the last pictures, seconds that each is seen later than its time on the video's own clock
    this.lag = 0; // their middle
    this.off = null; // seconds that the picture is behind the sound
    this.lead = 0.05; // seconds that a seek while playing takes
    this.video = Object.assign(document.createElement("video"), { muted: true, playsInline: true, preload: "auto", src: url });
    this.video.disablePictureInPicture = true;
    this.video.addEventListener("loadedmetadata", () => this.follow());
    this.video.addEventListener("seeked", () => this.follow());
    this.changed = () => this.follow();
    player.addEventListener("change", this.changed);
    this.look = (now, frame) => this.#see(frame);
    this.video.requestVideoFrameCallback(this.look);
  }

  // Milliseconds that the picture is behind the sound, null where none is playing.
  get behind() {
    return this.off === null ? null : 1000 * this.off;
  }

  // Called all along while it plays, and when something changes.
  follow() {
    const { video, player } = this;
    this.off = null;
    if (video.readyState < HTMLMediaElement.HAVE_METADATA || video.seeking) return;
    const wanted = this.start + player.at();
    const within = wanted < video.duration;
    if (player.clock && within) {
      const off = wanted + this.lag - video.currentTime;
      if (Math.abs(off) > FAR) this.#seek(wanted + this.lead);
      else if (!video.paused) this.#steer(off);
      if (video.paused && player.sounds) video.play().catch(() => {}); // a browser that refuses shows the picture still
    } else {
      if (!video.paused) video.pause();
      if (Math.abs(video.currentTime - wanted) > 0.001 && (within || !video.ended)) this.#seek(Math.min(wanted, video.duration));
    }
  }

  close() {
    this.player.removeEventListener("change", this.changed);
    this.video.cancelVideoFrameCallback(this.handle);
    this.video.removeAttribute("src");
    this.video.load();
  }

  #seek(to) {
    this.video.playbackRate = 1;
    this.video.currentTime = to;
  }

  #steer(off) {
    this.off = off;
    const still = Math.abs(off) < (this.video.playbackRate === 1 ? NEAR : EXACT);
    this.video.playbackRate = still ? 1 : 1 + Math.min(Math.max(off / SOFT, -FASTEST), FASTEST);
  }

  #see(frame) {
    this.handle = this.video.requestVideoFrameCallback(this.look);
    const { video } = this;
    if (video.paused || video.seeking) return;
    const then = video.currentTime + ((frame.expectedDisplayTime - performance.now()) / 1000) * video.playbackRate;
    this.lags.push(then - frame.mediaTime);
    if (this.lags.length > LOOK) this.lags.shift();
    this.lag = middle(this.lags);
  }
}

// The mean of the middle half.
function middle(values) {
  const sorted = values.toSorted((a, b) => a - b).slice(values.length >> 2, values.length - (values.length >> 2));
  return sorted.reduce((sum, value) => sum + value, 0) / sorted.length;
}
