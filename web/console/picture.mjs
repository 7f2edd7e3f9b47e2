const FAR = 0.2; // seconds off that a seek mends sooner than a change of speed
const SOFT = 0.6; // seconds in which a change of speed mends what is off; more than the median and the decoder lag
const FASTEST = 0.25; // most that the speed is changed by
const LOOK = 9; // pictures whose median tells how far off it is: a screen shows each a little early or late

// Keeps a silent video element with the sound of a player: Web Audio's clock leads, the picture follows.
export class Picture {
  // `start`: seconds on the video's own clock that are 0 in the sound.
  constructor(player, url, start) {
    this.player = player;
    this.start = start;
    this.off = []; // of the last pictures, seconds that the picture is behind the sound
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
    return this.player.clock && this.off.length === LOOK ? 1000 * median(this.off) : null;
  }

  // Called all along while it plays, and when something changes.
  follow() {
    const { video, player } = this;
    if (video.readyState < HTMLMediaElement.HAVE_METADATA || video.seeking) return;
    const wanted = this.start + player.at();
    const within = wanted < video.duration;
    if (player.clock && within) {
      if (Math.abs(video.currentTime - wanted) > FAR) this.#seek(wanted + this.lead);
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
    this.off = [];
  }

  #see(frame) {
    this.handle = this.video.requestVideoFrameCallback(this.look);
    if (!this.player.clock || this.video.paused || this.video.seeking) return;
    this.off.push(this.player.at(frame.expectedDisplayTime) - (frame.mediaTime - this.start));
    if (this.off.length > LOOK) this.off.shift();
    const off = median(this.off);
    if (Math.abs(off) > FAR) return;
    const speed = 1 + Math.min(Math.max(off / SOFT, -FASTEST), FASTEST);
    if (Math.abs(speed - this.video.playbackRate) > 0.002) this.video.playbackRate = speed;
  }
}

function median(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}
