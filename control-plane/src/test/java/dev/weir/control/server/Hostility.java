package dev.weir.control.server;

import static dev.weir.control.server.HostilePeer.call;
import static dev.weir.control.server.HostilePeer.frame;
import static dev.weir.control.server.HostilePeer.greeting;
import static dev.weir.control.server.HostilePeer.join;
import static dev.weir.control.server.HostilePeer.message;
import static dev.weir.control.server.HostilePeer.setting;

import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** What strangers do to a port, short of asking for what they may not have. Each goes on until it is done or thrown out. */
enum Hostility {
    /** Requests that never come to their end, byte by byte. */
    SLOW_HEADERS {
        @Override
        void harm(HostilePeer peer, Random random) throws IOException {
            List<Socket> slow = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                slow.add(peer.connect());
            }
            byte[] request = random.nextBoolean()
                    ? "GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\nx: ".getBytes(StandardCharsets.US_ASCII)
                    : join(greeting(NONE), frame(HostilePeer.HEADERS, 0, 1, call(HEALTH)));
            for (byte each : request) {
                for (Socket socket : slow) {
                    socket.getOutputStream().write(each);
                }
                pause(20);
            }
        }
    },
    /** A megabyte of header, in one and in many. */
    HUGE_HEADERS {
        @Override
        void harm(HostilePeer peer, Random random) throws IOException {
            Socket socket = peer.connect();
            OutputStream out = socket.getOutputStream();
            if (random.nextBoolean()) {
                out.write("GET / HTTP/1.1\r\nhost: 127.0.0.1\r\n".getBytes(StandardCharsets.US_ASCII));
                String line = random.nextBoolean() ? "x: " + "y".repeat(1 << 20) : "x: y\r\n".repeat(170_000);
                out.write(line.getBytes(StandardCharsets.US_ASCII));
            } else {
                out.write(greeting(NONE));
                byte[] block = call(HEALTH, "x", "y".repeat(15_000));
                for (int stream = 1; stream < 400; stream += 2) {
                    out.write(frame(
                            HostilePeer.HEADERS, HostilePeer.END_HEADERS | HostilePeer.END_STREAM, stream, block));
                }
            }
        }
    },
    /** Connections of which one side, or nobody, is there any more. */
    HALF_OPEN {
        @Override
        void harm(HostilePeer peer, Random random) throws IOException {
            for (int i = 0; i < 60; i++) {
                Socket socket = peer.connect();
                socket.getOutputStream().write(Messages.start(request(random), random));
                socket.shutdownOutput();
            }
            pause(200);
        }
    },
    CONNECTION_FLOOD {
        @Override
        void harm(HostilePeer peer, Random random) throws IOException {
            for (int i = 0; i < 600; i++) {
                peer.connect();
            }
            pause(300);
        }
    },
    RANDOM_BYTES {
        @Override
        void harm(HostilePeer peer, Random random) throws IOException {
            for (int i = 0; i < 100; i++) {
                byte[] bytes = new byte[random.nextInt(4_096)];
                random.nextBytes(bytes);
                peer.connect().getOutputStream().write(bytes);
            }
        }
    },
    /** A handshake that stops, or is none. */
    TRUNCATED_TLS {
        @Override
        void harm(HostilePeer peer, Random random) throws IOException {
            for (int i = 0; i < 100; i++) {
                byte[] hello = new byte[5 + random.nextInt(600)];
                random.nextBytes(hello);
                hello[0] = 22;
                hello[1] = 3;
                hello[2] = 1;
                hello[3] = (byte) random.nextInt(64);
                peer.connect().getOutputStream().write(hello);
            }
            pause(200);
        }
    },
    /** HTTP/1.1, right and wrong, where it is spoken and where it is not. */
    HTTP1 {
        @Override
        void harm(HostilePeer peer, Random random) throws IOException {
            for (int i = 0; i < 50; i++) {
                String request = pick(
                        random,
                        "GET /metrics HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n".repeat(200),
                        "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: -1\r\n\r\n",
                        "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 99999999999999999999\r\n\r\n",
                        "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
                        "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nfffffffffffffff\r\n",
                        "GET /" + "../".repeat(2_000) + " HTTP/1.1\r\nhost: a\r\n\r\n",
                        "GET /%00%ff?%zz HTTP/9.9\r\nhost: \u0000\r\n\r\n",
                        "GET /v1/calls?limit=-1&limit=99999999999 HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n",
                        "\r\n".repeat(10_000));
                peer.connect().getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            }
        }
    },
    SETTINGS_FLOOD {
        @Override
        void harm(HostilePeer peer, Random random) throws IOException {
            repeat(peer, 20_000, frame(HostilePeer.SETTINGS, 0, 0, setting(4, random.nextInt(1 << 20))));
        }
    },
    PING_FLOOD {
        @Override
        void harm(HostilePeer peer, Random random) throws IOException {
            repeat(peer, 20_000, frame(HostilePeer.PING, 0, 0, new byte[8]));
        }
    },
    /** Frames that carry nothing, on streams that are there or not. */
    EMPTY_FRAMES {
        @Override
        void harm(HostilePeer peer, Random random) throws IOException {
            repeat(peer, 20_000, frame(random.nextInt(10), 0, random.nextInt(4), NONE));
        }
    },
    /** Calls that are taken back as fast as they are made. */
    RAPID_RESET {
        @Override
        void harm(HostilePeer peer, Random random) throws IOException {
            OutputStream out = peer.http2(NONE).getOutputStream();
            byte[] block = call(any(random, METHODS));
            for (int stream = 1; stream < 20_000; stream += 2) {
                out.write(join(
                        frame(HostilePeer.HEADERS, HostilePeer.END_HEADERS, stream, block),
                        frame(HostilePeer.RST_STREAM, 0, stream, new byte[] {0, 0, 0, 8})));
            }
        }
    },
    /** A header block without end. */
    CONTINUATION_FLOOD {
        @Override
        void harm(HostilePeer peer, Random random) throws IOException {
            OutputStream out = peer.http2(NONE).getOutputStream();
            out.write(frame(HostilePeer.HEADERS, 0, 1, call(HEALTH)));
            byte[] more = random.nextBoolean() ? NONE : new byte[8_192];
            for (int i = 0; i < 10_000; i++) {
                out.write(frame(HostilePeer.CONTINUATION, 0, 1, more));
            }
        }
    },
    /** Whoever asks and never takes the answer. */
    NO_WINDOW {
        @Override
        void harm(HostilePeer peer, Random random) throws IOException {
            for (int connection = 0; connection < 20; connection++) {
                OutputStream out = peer.http2(setting(4, 0)).getOutputStream();
                String method = any(random, METHODS);
                for (int stream = 1; stream < 200; stream += 2) {
                    out.write(callWith(stream, method, Messages.of(method, random)));
                }
            }
            pause(300);
        }
    },
    /** Real conversations with bytes changed, left out and doubled. */
    MUTATED_FRAMES {
        @Override
        void harm(HostilePeer peer, Random random) throws IOException {
            for (int i = 0; i < 100; i++) {
                peer.connect().getOutputStream().write(Messages.mutated(request(random), random));
            }
        }
    },
    /** Messages that are longer, shorter or fewer than they say. */
    WRONG_LENGTHS {
        @Override
        void harm(HostilePeer peer, Random random) throws IOException {
            int[] lengths = {-1, Integer.MIN_VALUE, Integer.MAX_VALUE, 5 << 20, 4 << 20, 1, 0};
            for (int i = 0; i < 40; i++) {
                OutputStream out = peer.http2(NONE).getOutputStream();
                int length = lengths[random.nextInt(lengths.length)];
                byte[] bytes = message(0, length, new byte[random.nextInt(16_000)]);
                int end = random.nextInt(2);
                out.write(join(
                        frame(HostilePeer.HEADERS, HostilePeer.END_HEADERS, 1, call(any(random, METHODS))),
                        frame(HostilePeer.DATA, end, 1, bytes)));
            }
        }
    },
    /** Flags and encodings of compression that nobody has agreed on. */
    COMPRESSION {
        @Override
        void harm(HostilePeer peer, Random random) throws IOException {
            for (int i = 0; i < 40; i++) {
                OutputStream out = peer.http2(NONE).getOutputStream();
                String encoding = pick(random, "gzip", "identity", "snappy", "x".repeat(500), "");
                byte[] bytes = message(1 + random.nextInt(255), 64, new byte[64]);
                out.write(join(
                        frame(
                                HostilePeer.HEADERS,
                                HostilePeer.END_HEADERS,
                                1,
                                call(any(random, METHODS), "grpc-encoding", encoding, "grpc-timeout", "99999999H")),
                        frame(HostilePeer.DATA, HostilePeer.END_STREAM, 1, bytes)));
            }
        }
    },
    /** Good messages of absurd content: nested deep, a million unknown fields, one name again and again. */
    ABSURD_MESSAGES {
        @Override
        void harm(HostilePeer peer, Random random) throws IOException {
            for (int i = 0; i < 6; i++) {
                String method = any(random, METHODS);
                send(peer, method, Messages.absurd(method, random));
            }
        }
    },
    /** Real messages with bytes changed, left out and doubled. */
    MUTATED_MESSAGES {
        @Override
        void harm(HostilePeer peer, Random random) throws IOException {
            for (int i = 0; i < 100; i++) {
                String method = any(random, METHODS);
                send(peer, method, Messages.mutated(Messages.of(method, random), random));
            }
        }
    };

    static final String HEALTH = "grpc.health.v1.Health/Check";
    static final String ADS = "envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources";
    static final String LRS = "envoy.service.load_stats.v3.LoadReportingService/StreamLoadStats";
    static final String ALS = "envoy.service.accesslog.v3.AccessLogService/StreamAccessLogs";
    static final String RTDS = "envoy.service.runtime.v3.RuntimeDiscoveryService/StreamRuntime";
    static final String CHECK = "envoy.service.auth.v3.Authorization/Check";
    static final String COLLECT = "weir.v1.Collector/Collect";
    static final List<String> METHODS = List.of(ADS, LRS, ALS, RTDS, CHECK, COLLECT, HEALTH);

    private static final byte[] NONE = {};
    /** Of a frame, unless it was agreed on otherwise. */
    private static final int MAX = 16_384;

    /** Until all of it is said; ends early by an {@link IOException} when the port does not want to hear it. */
    abstract void harm(HostilePeer peer, Random random) throws IOException;

    private static byte[] request(Random random) {
        String method = any(random, METHODS);
        return join(greeting(NONE), callWith(1, method, Messages.of(method, random)));
    }

    private static byte[] callWith(int stream, String method, byte[] content) {
        return join(
                frame(HostilePeer.HEADERS, HostilePeer.END_HEADERS, stream, call(method)),
                frame(HostilePeer.DATA, HostilePeer.END_STREAM, stream, message(0, content.length, content)));
    }

    /** One message, in as many frames as it takes; the window is not waited for. */
    private static void send(HostilePeer peer, String method, byte[] content) throws IOException {
        OutputStream out = peer.http2(NONE).getOutputStream();
        out.write(frame(HostilePeer.HEADERS, HostilePeer.END_HEADERS, 1, call(method)));
        byte[] all = message(0, content.length, content);
        for (int from = 0; from < all.length; from += MAX) {
            byte[] piece = java.util.Arrays.copyOfRange(all, from, Math.min(all.length, from + MAX));
            out.write(frame(HostilePeer.DATA, from + MAX >= all.length ? HostilePeer.END_STREAM : 0, 1, piece));
        }
        pause(2);
    }

    private static void repeat(HostilePeer peer, int times, byte[] frame) throws IOException {
        OutputStream out = peer.http2(NONE).getOutputStream();
        for (int i = 0; i < times; i++) {
            out.write(frame);
        }
    }

    private static void pause(int millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static String any(Random random, List<String> of) {
        return of.get(random.nextInt(of.size()));
    }

    private static String pick(Random random, String... of) {
        return of[random.nextInt(of.length)];
    }
}
