// GStreamer WebRTC with WebSocket control
// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The view that publishes.

import { PUBLISH_LINE, makeUri, say, showLaunch } from './common.js';
import { Numbers } from './plot.js';
import { Session } from './session.js';
import { openSource } from './sources.js';

export class PublishView {
  constructor(view) {
    this.view = view;
    this.form = view.querySelector('form');
    this.button = this.form.querySelector('button');
    this.video = view.querySelector('video');
    this.state = view.querySelector('[data-show=state]');
    this.numbers = new Numbers(view.querySelector('.numbers'), false);
    this.form.onsubmit = (event) => {
      event.preventDefault();
      if (this.stream) {
        this.stop();
      } else {
        this.start();
      }
    };
    this.form.stream.oninput = () => this.showLine();
    this.form.bitrate.onchange = () => this.setBitrate();
  }

  open() {
    this.setRunning(false);
    this.showLine();
  }

  leave() {
    this.stop();
  }

  showLine() {
    showLaunch(this.view,
      PUBLISH_LINE + makeUri(this.form.stream.value || 'NAME'));
  }

  async start() {
    say(null);
    this.button.disabled = true;
    try {
      this.stream = await openSource(this.form.source.value);
    } catch (error) {
      say(error.message);
      return;
    } finally {
      this.button.disabled = false;
    }

    this.video.srcObject = this.stream;
    this.stream.getVideoTracks()[0].onended = () => this.stop();
    this.setRunning(true);
    this.session = new Session(this.form.stream.value, {
      connected: () => {
        this.numbers.start(this.session.connection);
        this.setBitrate();
      },
      bitrate: (bitrate, constraint) => this.limit(bitrate, constraint),
      warning: (words) => say(words, { passing: true }),
      closed: (words) => {
        if (this.session) {
          this.stop(words ?? 'The server has ended this stream.');
        }
      },
    });
    this.session.publish(this.stream);
  }

  setBitrate() {
    this.session?.send({ type: 'video_bitrate',
      video_bitrate: Number(this.form.bitrate.value) });
  }

  /* What the server lets through is what the encoder is to make. */
  limit(bitrate, constraint) {
    const sender = this.session?.connection.getSenders()
      .find(({ track }) => track?.kind === 'video');
    const parameters = sender?.getParameters();

    this.numbers.constraint = constraint;
    if (parameters?.encodings.length > 0) {
      parameters.encodings[0].maxBitrate = Math.min(bitrate, constraint);
      sender.setParameters(parameters).catch(() => {});
    }
  }

  stop(words) {
    const { session } = this;

    this.session = null;
    session?.close();
    this.stream?.getTracks().forEach((track) => track.stop());
    this.stream = null;
    this.video.srcObject = null;
    this.numbers.stop();
    this.setRunning(false);
    if (words) {
      say(words);
    }
  }

  setRunning(isRunning) {
    this.button.textContent = isRunning ? 'Stop' : 'Start';
    this.button.classList.toggle('stop', isRunning);
    this.state.textContent = isRunning ? '' : 'Not on air';
    this.form.stream.disabled = isRunning;
    this.form.source.disabled = isRunning;
  }
}
