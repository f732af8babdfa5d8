// GStreamer WebRTC with WebSocket control
// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What can be published from a page: a camera, the screen, or a test card.

const WIDTH = 640;
const HEIGHT = 360;
const FRAME_RATE = 30;
const BARS = ['#fff', '#ff0', '#0ff', '#0f0', '#f0f', '#f00', '#00f'];

function drawCard(painter) {
  const now = new Date();
  const share = (now.getTime() % 4000) / 4000;

  BARS.forEach((colour, index) => {
    painter.fillStyle = colour;
    painter.fillRect(index * WIDTH / BARS.length, 0,
      WIDTH / BARS.length + 1, HEIGHT * 0.7);
  });
  painter.fillStyle = '#111';
  painter.fillRect(0, HEIGHT * 0.7, WIDTH, HEIGHT * 0.3);
  painter.fillStyle = '#fff';
  painter.fillRect(share * (WIDTH - 8), HEIGHT * 0.7, 8, HEIGHT * 0.3);
  painter.font = 'bold 48px monospace';
  painter.textAlign = 'center';
  painter.fillText(now.toISOString().slice(11, 23), WIDTH / 2, HEIGHT * 0.9);
}

/* A picture that moves and a quiet tone; stops with its tracks. */
function makeCard() {
  const canvas = Object.assign(document.createElement('canvas'),
    { width: WIDTH, height: HEIGHT });
  const painter = canvas.getContext('2d');
  const audio = new AudioContext();
  const tone = new OscillatorNode(audio, { frequency: 440 });
  const volume = new GainNode(audio, { gain: 0.2 });
  const output = audio.createMediaStreamDestination();
  const stream = canvas.captureStream(FRAME_RATE);
  const [track] = stream.getVideoTracks();
  const timer = setInterval(() => {
    if (track.readyState === 'ended') {
      clearInterval(timer);
      audio.close();
    } else {
      drawCard(painter);
    }
  }, 1000 / FRAME_RATE);

  drawCard(painter);
  tone.connect(volume).connect(output);
  tone.start();
  output.stream.getTracks().forEach((one) => stream.addTrack(one));

  return stream;
}

/* Why a browser gives no camera or screen, in words */
const REASONS = {
  NotAllowedError: 'The browser was not allowed to.',
  NotFoundError: 'There is none on this machine.',
  NotReadableError: 'Another program is using it.',
};

export async function openSource(kind) {
  if (kind === 'card') {
    return makeCard();
  }
  if (!navigator.mediaDevices) {
    throw new Error('Browsers give a camera or a screen to pages from this '
      + 'machine or over https only. The test card works.');
  }

  try {
    return kind === 'screen'
      ? await navigator.mediaDevices.getDisplayMedia(
        { video: true, audio: true })
      : await navigator.mediaDevices.getUserMedia(
        { video: { width: 1280, height: 720 }, audio: true });
  } catch (error) {
    throw new Error(`There is no ${kind} to publish. ${
      REASONS[error.name] ?? error.message}`);
  }
}
