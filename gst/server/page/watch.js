// GStreamer WebRTC with WebSocket control
// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The view of one stream that is played.

import { makeUri, say, showLaunch } from './common.js';
import { Numbers } from './plot.js';
import { Session, makeAddress } from './session.js';

const DESCRIPTION_RETRY_MS = 3000;
const BACK_MS = 10000;

function formatTime(ms) {
  const seconds = Math.max(0, Math.round(ms / 1000));

  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

function describeTrack(track) {
  const parts = [track.codec];

  if (track.type === 'video' && track.width > 0) {
    parts.push(`${track.width} × ${track.height}`);
  }
  if (track.maxbps > 0) {
    parts.push(`${Math.round(track.maxbps * 8 / 1000)} kbit/s`);
  }

  return parts.join(', ');
}

export class WatchView {
  constructor(view) {
    this.view = view;
    this.video = view.querySelector('video');
    this.numbers = new Numbers(view.querySelector('.numbers'), true);
    this.controls = Object.fromEntries([...view.querySelectorAll('[data-do]')]
      .map((control) => [control.dataset.do, control]));
    this.time = view.querySelector('[data-show=time]');
    this.state = view.querySelector('[data-show=state]');
    this.connectControls();
  }

  connectControls() {
    const { pause, back, seek, live, sound, speed } = this.controls;

    pause.onclick = () => this.setPaused(!this.isPaused);
    back.onclick = () => this.seek(this.current - BACK_MS);
    seek.oninput = () => { this.isDragging = true; };
    seek.onchange = () => {
      this.isDragging = false;
      this.seek(seek.valueAsNumber);
    };
    live.onclick = () => this.seek('live');
    sound.onclick = () => {
      this.video.muted = !this.video.muted;
      sound.textContent = this.video.muted ? 'Sound on' : 'Sound off';
    };
    speed.onchange = () => this.session?.send({
      type: 'set_speed',
      play_rate: speed.value === 'auto' ? 'auto' : Number(speed.value),
    });
    for (const kind of ['video', 'audio']) {
      this.controls[kind].onchange = ({ target }) => {
        const index = Number(target.value);

        this.session?.send({ type: 'tracks',
          [kind]: Number.isNaN(index) ? target.value : index });
      };
    }
  }

  /* The controls are of use while it plays. */
  setPlaying(isPlaying) {
    for (const control of Object.values(this.controls)) {
      control.disabled = !isPlaying;
    }
    this.controls.seek.disabled = true;
  }

  open(name) {
    this.name = name;
    this.isOpen = true;
    this.setPlaying(false);
    this.fillTracks('video', []);
    this.fillTracks('audio', []);
    this.view.querySelector('h2').textContent = name;
    showLaunch(this.view, `gst-launch-1.0 wsctlsrc uri=${makeUri(name)} name=s `
      + 's. ! queue ! videoconvert ! autovideosink '
      + 's. ! queue ! audioconvert ! autoaudiosink');
    this.start();
    this.watchDescription();
  }

  leave() {
    this.isOpen = false;
    clearTimeout(this.retryTimer);
    this.description?.close();
    this.session?.close();
  }

  start() {
    this.isWaiting = false;
    this.current = 0;
    this.state.textContent = 'Connecting …';
    this.setPaused(false);
    this.controls.speed.value = 'auto';
    this.session = new Session(this.name, {
      media: (stream) => { this.video.srcObject = stream; },
      connected: () => {
        say(null);
        this.state.textContent = '';
        this.setPlaying(true);
        this.numbers.start(this.session.connection);
      },
      time: (infos) => this.showTime(infos),
      warning: (words) => say(words, { passing: true }),
      closed: (words, isRefused) => this.end(words, isRefused),
    });
    this.session.play();
  }

  end(words, isRefused) {
    this.numbers.stop();
    this.session = null;
    this.video.srcObject = null;
    this.showDistance('');
    this.state.textContent = 'Off air';
    this.setPlaying(false);
    if (!this.isOpen) {
      return;
    }
    this.isWaiting = !isRefused;
    say(isRefused ? words : `${words ?? 'The stream has ended.'} `
      + 'It goes on here when it is published again.');
  }

  /* What the stream is made of, and when it is there again */
  watchDescription() {
    this.description = new WebSocket(
      makeAddress(`/json_${encodeURIComponent(this.name)}.js`));
    this.description.onmessage = (event) => this.describe(
      JSON.parse(event.data));
    this.description.onclose = () => {
      if (this.isOpen) {
        this.retryTimer = setTimeout(() => this.watchDescription(),
          DESCRIPTION_RETRY_MS);
      }
    };
  }

  describe({ error, meta }) {
    const isOnline = !error && meta;

    if (!isOnline) {
      this.wasOffline = true;
      return;
    }
    this.fillTracks('video', Object.values(meta.tracks));
    this.fillTracks('audio', Object.values(meta.tracks));
    if (this.isWaiting && this.wasOffline) {
      this.start();
    }
    this.wasOffline = false;
  }

  fillTracks(kind, tracks) {
    const select = this.controls[kind];
    const chosen = select.value;
    const options = [['auto', 'auto'], ...tracks
      .filter((track) => track.type === kind)
      .map((track) => [String(track.idx), describeTrack(track)]),
    ['none', 'none']];

    select.replaceChildren(...options.map(([value, text]) =>
      new Option(text, value)));
    select.value = options.some(([value]) => value === chosen) ? chosen
      : 'auto';
  }

  setPaused(isPaused) {
    if (this.isPaused !== isPaused) {
      this.session?.send({ type: isPaused ? 'hold' : 'play' });
    }
    this.showPaused(isPaused);
  }

  showPaused(isPaused) {
    this.isPaused = isPaused;
    this.controls.pause.textContent = isPaused ? 'Play' : 'Pause';
  }

  /* Wherever it goes, it plays. */
  seek(time) {
    this.showPaused(false);
    this.session?.send({ type: 'seek', seek_time: time === 'live' ? 'live'
      : Math.max(this.begin, Math.round(time)) });
  }

  showTime({ begin, current, end }) {
    const { seek } = this.controls;

    Object.assign(this, { begin, current });
    seek.disabled = false;
    seek.min = begin;
    seek.max = end;
    if (!this.isDragging) {
      seek.value = current;
    }
    this.showDistance(end - current < 2000 ? 'live'
      : `−${formatTime(end - current)}`);
  }

  showDistance(text) {
    this.time.textContent = text;
    this.time.classList.toggle('live', text === 'live');
  }
}
