// GStreamer WebRTC with WebSocket control
// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The page that the server itself serves: published in one tab, watched in
// another, on a desk and on a phone; and two of them in a pool.

import { DESK, PHONE } from './page-tab.mjs';
import { FRAME, Program, startPlayer, startPublisher, startServer, using }
  from './processes.mjs';
import { check, near, say, test, waitFor } from './tap.mjs';

const N_FRAMES = 30;

/* @tools: makePageTools() */
export function addPageTests({ serverPath, tools }) {
  const { withTab, countFrames, waitFrames, checkFits, checkYellow } = tools;

  test('page: nothing is published', () => using(startServer(serverPath),
    (server) => withTab(server, '', PHONE, async (tab) => {
      await tab.getByText('Nobody publishes anything yet').waitFor();
      await checkFits(tab, 'page-empty-phone');
      const line = await tab.locator('#list code').textContent();

      check(line.endsWith(`uri=${server.uri}/webrtc/live`), line);
    })));

  function waitAllowed(tab, bitrate) {
    return tab.locator('#publish dl').filter({ hasText: `Allowed${bitrate}` })
      .waitFor();
  }

  test('page: publish in one tab, watch in another', () => using(
    startServer(serverPath),
    (server) => withTab(server, '#publish', DESK, async (publisher) => {
      await publisher.getByLabel('Name').fill('card');
      await publisher.getByRole('button', { name: 'Start' }).click();
      await server.waitLine(/publisher of 'card'.*connected/);

      await withTab(server, '', DESK, async (tab) => {
        await checkYellow(tab, '.card canvas');
        await checkFits(tab, 'page-list-desk');
        await tab.setViewportSize(PHONE);
        await checkFits(tab, 'page-list-phone');
        await tab.emulateMedia({ colorScheme: 'dark' });
        await checkFits(tab, 'page-list-phone-dark');
        await tab.emulateMedia({ colorScheme: 'light' });
        await tab.locator('.card').click();
        await waitFrames(tab, 'watch');
        await checkYellow(tab, '#watch video');
        await tab.locator('#watch dt', { hasText: 'Picture' }).waitFor();
        await checkFits(tab, 'page-watch-phone');
        await tab.setViewportSize(DESK);
        await checkFits(tab, 'page-watch-desk');
      });

      /* The bitrate may be changed on air. */
      await waitAllowed(publisher, '1.50 Mbit/s');
      await publisher.locator('#publish [name=bitrate]').selectOption('500000');
      await waitAllowed(publisher, '500 kbit/s');
      await checkFits(publisher, 'page-publish-desk');
      await publisher.setViewportSize(PHONE);
      await checkFits(publisher, 'page-publish-phone');
      await publisher.getByRole('button', { name: 'Stop' }).click();
      await server.waitLine(/publisher of 'card'.*left|stop/);
    })));

  test('page: from view to view', () => using(startServer(serverPath),
    (server) => withTab(server, '', PHONE, async (tab) => {
      const isSeen = (view) => tab.locator(`#${view}`).waitFor();
      const where = () => tab.locator('nav [aria-current=page]').textContent();

      await tab.getByRole('link', { name: 'Publish from this page' }).click();
      await isSeen('publish');
      check(await where() === 'Publish', await where());
      await tab.getByRole('link', { name: 'Streams' }).click();
      await isSeen('list');
      check(await where() === 'Streams', await where());
      await tab.getByRole('link', { name: 'Meet' }).click();
      await isSeen('pool');
      check(await where() === 'Meet', await where());
      await checkFits(tab, 'page-meet-phone');
      await tab.getByRole('link', { name: 'Publish', exact: true }).click();
      await isSeen('publish');
      await tab.getByLabel('Name').fill('not a name');
      await tab.getByRole('button', { name: 'Start' }).click();
      check(!await tab.getByLabel('Name').evaluate(
        (input) => input.validity.valid), 'the name is refused');
      await tab.getByRole('link', { name: 'wsctl-server' }).click();
      await isSeen('list');
    })));

  test('page: the camera is played by wsctlsrc', () => using(
    startServer(serverPath),
    (server) => withTab(server, '#publish', DESK, async (tab) => {
      await tab.locator('#publish [name=source]').selectOption('camera');
      await tab.getByRole('button', { name: 'Start' }).click();
      await server.waitLine(/publisher of 'live'.*connected/);
      await using(startPlayer(`${server.uri}/webrtc/live`),
        (player) => waitFor(() => player.count(FRAME) >= N_FRAMES,
          'frames in wsctlsrc'));
    })));

  /* How loud the stream is, if its sound is on */
  async function waitSound(tab, level) {
    await tab.evaluate(() => {
      const video = document.querySelector('#watch video');

      if (!window.analyser) {
        const context = new AudioContext();

        window.analyser = context.createAnalyser();
        context.createMediaStreamSource(video.srcObject)
          .connect(window.analyser);
      }
    });
    await waitFor(() => tab.evaluate((wanted) => {
      const samples = new Float32Array(window.analyser.fftSize);

      window.analyser.getFloatTimeDomainData(samples);
      return !document.querySelector('#watch video').muted && Math.abs(
        Math.hypot(...samples) / Math.sqrt(samples.length) - wanted) < 0.08;
    }, level), `a sound of ${level}`);
  }

  test('page: buttons of a stream that is watched', () => using(
    startServer(serverPath), (server) => using(
      startPublisher(`${server.uri}/webrtc/live`,
        { video: 'video/x-h264', audio: 'audio/x-opus' }),
      async () => {
        await server.waitLine(/live.*connected/);
        await withTab(server, '#watch/live', DESK, async (tab) => {
          await waitFrames(tab, 'watch');
          await tab.getByRole('button', { name: 'Sound on' }).click();
          await waitSound(tab, 0.35);
          await tab.getByLabel('Audio').selectOption('none');
          await waitSound(tab, 0);
          await tab.getByLabel('Audio').selectOption('auto');
          await waitSound(tab, 0.35);
          await tab.getByRole('button', { name: 'Sound off' }).click();
          check(await tab.locator('#watch video').evaluate(
            (video) => video.muted), 'the sound is off');

          await tab.getByRole('button', { name: 'Pause' }).click();
          await waitFor(async () => {
            const before = await countFrames(tab, 'watch');

            await tab.waitForTimeout(500);
            return await countFrames(tab, 'watch') === before;
          }, 'the picture stands still');
          await tab.getByRole('button', { name: 'Play' }).click();
          await waitFrames(tab, 'watch');

          const tracks = tab.locator('#watch [data-do=video]');
          const choices = await tracks.locator('option').allTextContents();

          near(choices.length, 3, 0, 'the number of video choices');
          check(choices[1].startsWith('H264, 640 × 360'), choices[1]);
          await tracks.selectOption('none');
          await tracks.selectOption('auto');
          await waitFrames(tab, 'watch');
          await tab.getByRole('button', { name: 'Live' }).click();
          await waitFrames(tab, 'watch');
        });
      })));

  /* What the page says of where it is: "live", or how far behind, in s */
  async function getDistance(tab) {
    const text = await tab.locator('#watch [data-show=time]').textContent();

    if (text === 'live') {
      return 0;
    }
    const [minutes, seconds] = text.replace('−', '').split(':').map(Number);

    return minutes * 60 + seconds;
  }

  function waitDistance(tab, least, most) {
    return waitFor(async () => {
      const distance = await getDistance(tab);

      return distance >= least && distance <= most;
    }, `from ${least} to ${most} s behind`);
  }

  async function setSeek(tab, share) {
    await tab.locator('#watch [data-do=seek]').evaluate((slider, part) => {
      const { min, max } = slider;

      slider.value = Number(min) + part * (max - min);
      slider.dispatchEvent(new Event('change'));
    }, share);
  }

  test('page: back in time, and forth', () => using(startServer(serverPath),
    (server) => using(startPublisher(`${server.uri}/webrtc/live`,
      { video: 'video/x-h264', audio: 'audio/x-opus' }),
    async () => {
      await server.waitLine(/live.*connected/);
      await withTab(server, '#watch/live', DESK, async (tab) => {
        await waitFrames(tab, 'watch');
        await waitDistance(tab, 0, 0);
        await waitFor(() => tab.locator('#watch [data-do=seek]').evaluate(
          (slider) => slider.max - slider.min > 12000), '12 s of past');

        await tab.getByRole('button', { name: '−10 s' }).click();
        await waitDistance(tab, 9, 13);
        await waitFrames(tab, 'watch');
        await checkFits(tab, 'page-past-desk');

        /* A step elsewhere ends a pause. */
        await tab.getByRole('button', { name: 'Pause' }).click();
        await setSeek(tab, 0.8);
        await tab.getByRole('button', { name: 'Pause' }).waitFor();
        await waitDistance(tab, 2, 8);
        await waitFrames(tab, 'watch');

        /* At half the speed it falls behind, and twice as fast it comes to the
         * edge. */
        await tab.getByLabel('Speed').selectOption('0.5');
        await waitDistance(tab, 9, 30);
        await waitFrames(tab, 'watch');
        await tab.getByLabel('Speed').selectOption('2');
        await waitDistance(tab, 0, 0);
        await tab.getByRole('button', { name: '−10 s' }).click();
        await waitDistance(tab, 5, 13);
        await tab.getByRole('button', { name: 'Live' }).click();
        await waitDistance(tab, 0, 0);
        await waitFrames(tab, 'watch');
      });
    })));

  test('page: renditions to choose from', () => {
    const uri = (server, name) => `${server.uri}/webrtc/${name}`;
    const small = { video: 'video/x-h264', width: 320, height: 180 };

    return using(startServer(serverPath), (server) => using(
      startPublisher(uri(server, 'live'), { video: 'video/x-h264' }),
      async () => {
        await server.waitLine(/'live'.*connected/);
        await using(startPublisher(uri(server, 'live~low'), small),
          () => withTab(server, '#watch/live', PHONE, async (tab) => {
            const tracks = tab.locator('#watch [data-do=video]');
            const choice = tracks.locator('option', { hasText: '320 × 180' });
            const video = tab.locator('#watch video');

            await waitFrames(tab, 'watch');
            await choice.waitFor({ state: 'attached' });
            await tracks.selectOption(await choice.getAttribute('value'));
            await waitFor(() => video.evaluate(
              (element) => element.videoWidth === 320), 'the small picture');
            await checkFits(tab, 'page-renditions-phone');
          }));
      }));
  });

  test('page: the screen is published', () => using(startServer(serverPath),
    (server) => withTab(server, '#publish', DESK, async (tab) => {
      await tab.locator('#publish [name=source]').selectOption('screen');
      await tab.locator('#publish [name=bitrate]').selectOption('500000');
      await tab.getByRole('button', { name: 'Start' }).click();
      await server.waitLine(/publisher of 'live'.*connected/);
      await using(startPlayer(`${server.uri}/webrtc/live`),
        (player) => waitFor(() => player.count(FRAME) >= N_FRAMES,
          'frames in wsctlsrc'));
      await tab.getByRole('button', { name: 'Stop' }).click();
      await tab.getByRole('button', { name: 'Start' }).waitFor();
    })));

  test('page: the lines to copy', () => using(startServer(serverPath),
    (server) => withTab(server, '', DESK, async (tab) => {
      const copy = async (view) => {
        await tab.locator(`#${view}`).getByRole('button', { name: 'Copy' })
          .click();
        return tab.evaluate(() => navigator.clipboard.readText());
      };
      const publishLine = (name) => 'gst-launch-1.0 videotestsrc is-live=true '
        + `! wsctlsink uri=${server.uri}/webrtc/${name}`;

      await tab.context().grantPermissions(
        ['clipboard-read', 'clipboard-write']);
      await tab.locator('#empty').waitFor();
      check(await copy('list') === publishLine('live'), 'the line of the list');
      await tab.getByRole('link', { name: 'Publish', exact: true }).click();
      await tab.getByLabel('Name').fill('mine');
      check(await copy('publish') === publishLine('mine'),
        'the line that publishes');
      await tab.getByRole('button', { name: 'Copied' }).waitFor();
      await tab.goto(`${server.uri.replace('ws:', 'http:')}#watch/mine`);
      check(await copy('watch') === `gst-launch-1.0 wsctlsrc uri=${server.uri}`
        + '/webrtc/mine name=s s. ! queue ! videoconvert ! autovideosink '
        + 's. ! queue ! audioconvert ! autoaudiosink', 'the line that plays');
    })));

  /* One of ours in a pool: each picture that it gets is a line. */
  function startMember(server) {
    return new Program('gst-launch-1.0', ['-v', 'wsctlpool', 'name=p',
      `uri=${server.uri}`, 'pool=room', 'videotestsrc', 'is-live=true',
      'pattern=smpte', '!', 'video/x-raw,width=320,height=180,framerate=30/1',
      '!', 'p.video', 'p.', '!', 'queue', '!', 'videoconvert', '!',
      'video/x-raw,format=I420', '!', 'fakesink', 'name=video-sink',
      'silent=false', 'sync=false']);
  }

  /* Every tile but the page's own, and this one as well, moves. */
  async function waitTiles(tab, n) {
    let tiles;

    await waitFor(async () => {
      tiles = await tab.locator('#pool .card').evaluateAll((cards) =>
        cards.map(({ dataset, firstChild }) => ({ ...dataset,
          frames: firstChild.getVideoPlaybackQuality().totalVideoFrames })));

      return tiles.length === n
        && tiles.every(({ frames }) => frames >= N_FRAMES);
    }, `${n} tiles with pictures`).catch((error) => {
      say(`The tiles are ${JSON.stringify(tiles)}`);
      throw error;
    });
  }

  test('page: a pool of two pages and one of ours', () => using(
    startServer(serverPath, ['--pool-token', 'manage']),
    (server) => withTab(server, '#pool/room', DESK, async (tab) => {
      await tab.getByRole('button', { name: 'Join' }).click();
      await waitTiles(tab, 1);
      await using(Promise.resolve(startMember(server)), async (member) => {
        await waitTiles(tab, 2);
        await waitFor(() => member.count(FRAME) >= N_FRAMES,
          'the picture of the page at our peer');

        await withTab(server, '#pool/room', PHONE, async (other) => {
          await other.getByLabel('From').last().selectOption('camera');
          await other.getByRole('button', { name: 'Join' }).click();
          await waitTiles(other, 3);
          await waitTiles(tab, 3);
          await checkYellow(tab, '#pool .card:nth-child(2) video');
          await checkFits(other, 'page-pool-phone');

          const id = await tab.locator('#pool .card').last()
            .getAttribute('data-id');
          const reply = await fetch(`${server.uri.replace('ws:', 'http:')}`
            + `/pools/room/peers/${id}/description?id=manage`,
          { method: 'PUT', body: '{"name":"Ada"}' });

          check(reply.status === 204, `PUT is answered by ${reply.status}`);
          await tab.getByText('Ada').waitFor();
          await checkFits(tab, 'page-pool-desk');
          await tab.getByRole('button', { name: 'Hide picture' }).click();
          await other.waitForFunction(async () => {
            const canvas = document.createElement('canvas');
            const painter = canvas.getContext('2d');

            painter.drawImage(document.querySelectorAll('#pool .card video')[1],
              0, 0);
            return painter.getImageData(20, 20, 1, 1).data[0] < 16;
          });
          await other.getByRole('button', { name: 'Leave' }).click();
          await waitTiles(tab, 2);
        });
      });
      await waitTiles(tab, 1);

      await fetch(`${server.uri.replace('ws:', 'http:')}/pools/room?id=manage`,
        { method: 'DELETE' });
      await tab.getByText('The pool was closed').waitFor();
      await tab.getByRole('button', { name: 'Join' }).waitFor();
    })));
}
