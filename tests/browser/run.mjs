// GStreamer WebRTC with WebSocket control
// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Real clients: Chromium with Ceeblue's client, or with rtcpool, against
// wsctl-server, with our elements at the other end.
//
//   run.mjs SERVER RELAY POOL-PEER OUTPUT-FOLDER [PART-OF-A-NAME]

import { spawnSync } from 'node:child_process';
import { mkdtemp, mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { chromium } from 'playwright-core';

import {
  FRAME, SOUND, servePage, startPlayer, startPublisher, startServer, using,
} from './processes.mjs';
import { addDataTests } from './data.mjs';
import { startWatcher } from './hello.mjs';
import { addPageErrorTests } from './page-errors.mjs';
import { makePageTools } from './page-tab.mjs';
import { addPoolTests } from './pools.mjs';
import { check, near, runTests, say, test, waitFor } from './tap.mjs';
import { addTrackTests } from './tracks.mjs';
import { addPageTests } from './web-page.mjs';

const [serverPath, relayPath, peerPath, outputFolder, only] =
  process.argv.slice(2);
const FOLDER = fileURLToPath(new URL('.', import.meta.url));
const H264 = 'video/x-h264';
const OPUS = 'audio/x-opus';
const CAMERA = { video: { width: 640, height: 480 }, audio: true };
const N_FRAMES = 30;
const LOG_WIDTH = 120;

/* The bars of pattern=smpte, left to right */
const BARS = [
  ['white', [255, 255, 255]], ['yellow', [255, 255, 0]],
  ['cyan', [0, 255, 255]], ['green', [0, 255, 0]],
  ['magenta', [255, 0, 255]], ['red', [255, 0, 0]], ['blue', [0, 0, 255]],
];
/* 4:2:0, a lossy codec and two conversions */
const COLOUR_TOLERANCE = 32;

/* Ceeblue's player reads on_time in this shape alone, and tells of no metadata
 * without. */
const DIALECT = ['--dialect', 'ceeblue'];

let browser;
let page;

/* A fresh page, closed in any case; what it logged is said when @func fails. */
async function withPage(func, path = 'page.html') {
  const tab = await browser.newPage();
  const lines = [];

  tab.on('console', (message) => lines.push(message.text().split('\n')[0]
    .slice(0, LOG_WIDTH)));
  tab.on('pageerror', (error) => lines.push(error.message));
  try {
    await tab.goto(new URL(path, page.uri).href);
    await tab.waitForFunction('window.ready');
    return await func(tab);
  } catch (error) {
    say(lines.slice(-20).join('\n'));
    throw error;
  } finally {
    await tab.close();
  }
}

function getState(tab) {
  return tab.evaluate('getState()');
}

/* The first event of that name that @accept takes */
function waitEvent(tab, name, accept = () => true) {
  return waitFor(async () => {
    const { events } = await getState(tab);

    return events.find((event) => event.name === name
      && accept(...event.args));
  }, `the event ${name}`);
}

async function waitFrames(tab, n = N_FRAMES) {
  const { frames } = await getState(tab);

  return waitFor(async () => (await getState(tab)).frames >= frames + n,
    `${n} frames in the page`);
}

function paramsOf(server, name) {
  return { endPoint: server.uri, streamName: name };
}

async function checkCard(tab, shot) {
  const shares = BARS.map((bar, index) => (index + 0.5) / BARS.length);
  const colours = await tab.evaluate(
    (list) => window.sampleColours(list), shares);

  await tab.screenshot({ path: join(outputFolder, `${shot}.png`) });
  BARS.forEach(([name, wanted], bar) => {
    wanted.forEach((value, channel) => near(colours[bar][channel], value,
      COLOUR_TOLERANCE, `channel ${channel} of the ${name} bar`));
  });
}

/* Half the amplitude is 0.35. The first sounds are faded in. */
async function checkTone(tab, frequency = 440) {
  let tone;

  await waitFor(async () => {
    tone = await tab.evaluate('measureTone()');
    return Math.abs(tone.rms - 0.35) < 0.08
      && Math.abs(tone.frequency - frequency) < 12;
  }, `a tone of 0.35 and ${frequency} Hz in the page`).catch((error) => {
    say(`The last one was ${JSON.stringify(tone)}`);
    throw error;
  });

  const { stats } = await getState(tab);
  const inbound = stats.find(
    (one) => one.type === 'inbound-rtp' && one.kind === 'audio');

  check(inbound.audioLevel > 0.2, `audioLevel is ${inbound.audioLevel}`);
}

async function checkPlays(server, name, {
  video, audio, codec, shot, encoder,
}) {
  const uri = `${server.uri}/webrtc/${name}`;

  await using(startPublisher(uri, { video, audio, encoder }), async () => {
    await server.waitLine(new RegExp(`${name}.*connected`));
    await withPage(async (tab) => {
      await tab.evaluate((params) => window.play(params),
        paramsOf(server, name));
      await waitEvent(tab, 'Start');
      await waitEvent(tab, 'State', (state) => state === 'Stream is online');
      await waitEvent(tab, 'Metadata', ({ type, tracks }) => type === 'live'
        && tracks.length === [video, audio].filter(Boolean).length
        && tracks.every((track) => track.maxbps > 0));
      if (video) {
        await waitFrames(tab);
        await checkCard(tab, shot);
      }
      if (audio) {
        await checkTone(tab);
      }
      const { stats } = await getState(tab);

      check(stats.some((one) => one.type === 'codec'
        && one.mimeType.toLowerCase() === codec), `plays ${codec}`);
    });
  });
}

test('player: picture, sound, events', async () => {
  await using(startServer(serverPath, DIALECT), async (server) => {
    await checkPlays(server, 'live', {
      video: H264, audio: OPUS, codec: 'video/h264', shot: 'player-h264',
    });
  });
});

/* No key frame is ever sent. */
test('player: gradual refresh', async () => {
  await using(startServer(serverPath, DIALECT), async (server) => {
    await checkPlays(server, 'refresh', {
      video: H264, codec: 'video/h264', shot: 'player-refresh',
      encoder: ['x264enc', 'tune=zerolatency', 'intra-refresh=true',
        'key-int-max=30', '!'],
    });
  });
});

test('player: metadata', async () => {
  await using(startServer(serverPath), async (server) => {
    const uri = `${server.uri}/webrtc/live`;

    await withPage(async (tab) => {
      await tab.evaluate((params) => window.watchMetadata(params),
        paramsOf(server, 'live'));
      await waitEvent(tab, 'MetadataState',
        (state) => state === 'Stream is offline');
      await using(startPublisher(uri, { video: H264, audio: OPUS }),
        async () => {
          await waitEvent(tab, 'MetadataState',
            (state) => state === 'Stream is online');
          await waitEvent(tab, 'MetadataDescription', (description) =>
            description.type === 'live' && description.width === 640
            && description.height === 360
            && description.tracks.some(({ codec }) => codec === 'H264')
            && description.tracks.some(({ codec }) => codec === 'opus'));
        });
    });
  });
});

test('player: onPlaying', async () => {
  await using(startServer(serverPath, DIALECT), async (server) => {
    const uri = `${server.uri}/webrtc/live`;

    await using(startPublisher(uri, { video: H264 }), async () => {
      await server.waitLine(/live.*connected/);
      await withPage(async (tab) => {
        await tab.evaluate((params) => window.play(params),
          paramsOf(server, 'live'));
        await waitEvent(tab, 'Playing',
          (infos) => infos.end >= infos.begin && infos.tracks.length > 0);
      });
    });
  });
});

function isInstalled(...elements) {
  return elements.every((element) => spawnSync('gst-inspect-1.0',
    ['--exists', element]).status === 0);
}

for (const [codec, video, ...elements] of [['video/vp8', 'video/x-vp8'],
  ['video/vp9', 'video/x-vp9'],
  ['video/av1', 'video/x-av1', 'rtpav1pay', 'rtpav1depay', 'av1enc']]) {
  test(`player: ${codec}`, async () => {
    await using(startServer(serverPath, DIALECT), async (server) => {
      await checkPlays(server, 'live',
        { video, codec, shot: `player-${codec.replace('video/', '')}` });
    });
  }, { skip: isInstalled(...elements) ? undefined
    : `${elements.join(', ')} are not all installed` });
}

test('player: audio/opus alone', async () => {
  await using(startServer(serverPath, DIALECT), async (server) => {
    await checkPlays(server, 'live', { audio: OPUS, codec: 'audio/opus' });
  });
});

test('player: the stream is offline', async () => {
  await using(startServer(serverPath, DIALECT), async (server) => {
    await withPage(async (tab) => {
      await tab.evaluate((params) => window.play(params),
        paramsOf(server, 'nobody'));
      const { args: [error] } = await waitEvent(tab, 'Stop');

      check(error.name === 'Stream is offline', `the error is ${error.name}`);
    });
  });
});

/* Without the metadata channel, which tells it first */
test('controller: the stream is offline', async () => {
  await using(startServer(serverPath), async (server) => {
    await withPage(async (tab) => {
      await tab.evaluate((params) => window.control(params),
        paramsOf(server, 'nobody'));
      const { args: [error] } = await waitEvent(tab, 'Close');

      say(JSON.stringify(error));
      check(/Stream open failed/.test(error.detail),
        `the error is ${error.name}: ${error.detail}`);
    });
  });
});

test('player: the publisher leaves', async () => {
  await using(startServer(serverPath, DIALECT), async (server) => {
    const uri = `${server.uri}/webrtc/live`;

    await withPage(async (tab) => {
      await using(startPublisher(uri, { video: H264 }), async () => {
        await server.waitLine(/live.*connected/);
        await tab.evaluate((params) => window.play(params),
          paramsOf(server, 'live'));
        await waitFrames(tab);
      });
      await waitEvent(tab, 'Stop');
    });
  });
});

test('player: access denied', async () => {
  const args = [...DIALECT, '--play-token', 'letmein'];

  await using(startServer(serverPath, args), async (server) => {
    const uri = `${server.uri}/webrtc/live`;

    await using(startPublisher(uri, { video: H264 }), async () => {
      await server.waitLine(/live.*connected/);
      await withPage(async (tab) => {
        await tab.evaluate((params) => window.play(params),
          paramsOf(server, 'live'));
        const { args: [error] } = await waitEvent(tab, 'Stop');

        check(error.name === 'Access denied', `the error is ${error.name}`);
      });
    });
  });
});

test('streamer: the name is taken', async () => {
  await using(startServer(serverPath), async (server) => {
    const uri = `${server.uri}/webrtc/live`;

    await using(startPublisher(uri, { video: H264 }), async () => {
      await server.waitLine(/live.*connected/);
      await withPage(async (tab) => {
        await tab.evaluate(([params, camera]) => window.publish(params, camera),
          [paramsOf(server, 'live'), CAMERA]);
        const { args: [error] } = await waitEvent(tab, 'Stop');

        check(error.name === 'Access denied', `the error is ${error.name}`);
      });
    });
  });
});

async function waitMore(program, pattern, n, what) {
  const before = program.count(pattern);

  await waitFor(() => program.count(pattern) >= before + n,
    `${n} of ${what} in wsctlsrc`);
}

test('streamer: camera to wsctlsrc, events', async () => {
  await using(startServer(serverPath), (server) => withPage(async (tab) => {
    await tab.evaluate(([params, camera]) => window.publish(params, camera),
      [paramsOf(server, 'cam'), CAMERA]);
    await waitEvent(tab, 'Start');
    await waitEvent(tab, 'VideoBitrate', (bitrate) => bitrate > 0);

    const uri = `${server.uri}/webrtc/cam`;

    await using(startPlayer(uri, { audio: true }), async (player) => {
      await waitMore(player, FRAME, N_FRAMES, 'the frames');
      await waitMore(player, SOUND, N_FRAMES, 'the sound');
      await player.waitLine(/video-sink.*width=\(int\)640/);
    });
    await waitEvent(tab, 'MediaReport',
      (report) => report.tracks.length > 0 && report.millis > 0);

    await tab.evaluate(() => window.setRTPProps(4, 40));
    await waitEvent(tab, 'RTPProps',
      (props) => props.nack === 4 && props.drop === 40);
    await tab.evaluate(() => window.setVideoBitrate(400000));
    await waitEvent(tab, 'VideoBitrate', (bitrate) => bitrate === 400000);
  }));
});

test('streamer: no video for a while, and back', async () => {
  await using(startServer(serverPath), (server) => withPage(async (tab) => {
    await tab.evaluate(([params, camera]) => window.publish(params, camera),
      [paramsOf(server, 'cam'), CAMERA]);
    await waitEvent(tab, 'Start');

    const uri = `${server.uri}/webrtc/cam`;

    await using(startPlayer(uri, { audio: true }), async (player) => {
      await waitMore(player, FRAME, N_FRAMES, 'the frames');

      await tab.evaluate(() => window.setVideo(false));
      await waitMore(player, SOUND, 50, 'the sound while there is no video');
      const before = player.count(FRAME);

      await waitMore(player, SOUND, 50, 'the sound while there is no video');
      near(player.count(FRAME), before, 2, 'the number of frames meanwhile');

      await tab.evaluate(() => window.setVideo(true));
      await waitMore(player, FRAME, N_FRAMES, 'the frames after that');
    });
  }));
});

/* Post-quantum keys make it longer than a datagram. */
test('streamer: a ClientHello in parts', async () => {
  await using(startWatcher(), (watcher) => {
    const args = ['--advertise', watcher.address];

    return using(startServer(serverPath, args), (server) =>
      withPage(async (tab) => {
        watcher.port = new URL(server.uri).port;
        await tab.evaluate(([params, camera]) => window.publish(params, camera),
          [paramsOf(server, 'cam'), CAMERA]);
        await server.waitLine(/cam.*connected/);
        say(`ClientHello: ${JSON.stringify(watcher.hellos)}`);
        check(watcher.hellos.some(({ length, part }) => part < length),
          'the ClientHello came in parts');
      }));
  });
});

addTrackTests({ serverPath, relayPath, dialect: DIALECT, withPage, getState,
  waitEvent, waitFrames, checkTone, paramsOf });
addDataTests({ serverPath, withPage });
addPoolTests({ serverPath, peerPath,
  withPoolPage: (func) => withPage(func, 'pool-page.html') });
const tools = makePageTools({ outputFolder,
  openTab: () => browser.newPage() });

addPageTests({ serverPath, tools });
addPageErrorTests({ serverPath, tools });

const profile = await mkdtemp(join(tmpdir(), 'wsctl-browser-'));

await mkdir(outputFolder, { recursive: true });
browser = await chromium.launchPersistentContext(profile, {
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  headless: true,
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update',
    '--disable-sync', '--use-fake-device-for-media-stream',
    '--use-fake-ui-for-media-stream',
    '--autoplay-policy=no-user-gesture-required'],
});
page = await servePage(FOLDER);
say(`${browser.browser()?.version() ?? 'Chromium'}`);
process.exitCode = await runTests(only) ? 0 : 1;
page.stop();
await browser.close();
await rm(profile, { recursive: true, force: true });
