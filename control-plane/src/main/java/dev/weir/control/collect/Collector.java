package dev.weir.control.collect;

import dev.weir.control.collect.ControlPlaneLink.Event;
import dev.weir.control.model.Failpoints;
import dev.weir.v1.CollectRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Delivers a log to the control plane: looks at its size as often as {@link LookPace} says, sends what is new, and goes on
 * where storage ends after whatever happened on either side. All of it on the thread that calls {@link #run}.
 */
public final class Collector {
    /** How long {@link #stop} lets it deliver what is there. */
    public static final long DRAIN_NANOS = 5_000_000_000L;

    private static final Logger log = LoggerFactory.getLogger(Collector.class);
    private static final int DISK_PAUSE_MILLIS = 1_000;
    /** How long an answer may take; storage waits for locks and disks. */
    private static final long ANSWER_NANOS = 60_000_000_000L;

    private final Settings settings;
    private final LongSupplier clock;
    private final RedialBackoff reconnect;
    private final Rotation rotation;
    private final LogWrites writes;
    private final Failpoints failpoints;
    private final Delivered delivered = new Delivered();
    private final LookPace pace = new LookPace();
    private final LinkedBlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final ByteBuffer buffer = ByteBuffer.allocate(Tail.CHUNK + 1);

    private volatile boolean stopping;
    private boolean connected;
    private boolean reported;
    private boolean sent;
    private long reconnectAt;
    private int unanswered;
    private long lastWord;
    private String diskProblem = "";

    /**
     * @param sidecar node id
     * @param log the file that the sidecar writes; its folder exists
     * @param controlPlane where the control plane's gRPC port is
     * @param admin the sidecar's admin port; empty = space is never freed
     * @param maxBytes size above which the log is renamed and deleted
     * @param proof how it says who it is
     */
    public record Settings(
            String sidecar, Path log, HostPort controlPlane, Optional<HostPort> admin, long maxBytes, LinkProof proof) {
        /** Settings of a collector that proves nothing. */
        public Settings(String sidecar, Path log, HostPort controlPlane, Optional<HostPort> admin, long maxBytes) {
            this(sidecar, log, controlPlane, admin, maxBytes, LinkProof.none());
        }
    }

    /**
     * @param clock monotonic nanoseconds
     * @param failpoints {@link Failpoints#NONE} outside tests
     */
    public Collector(Settings settings, LongSupplier clock, RandomGenerator random, Failpoints failpoints) {
        this.failpoints = failpoints;
        this.settings = settings;
        this.clock = clock;
        this.reconnect = new RedialBackoff(random);
        Optional<SidecarAdmin> admin = settings.admin().map(SidecarAdmin::new);
        this.rotation = new Rotation(admin, settings.maxBytes(), new RedialBackoff(random));
        this.writes = new LogWrites(admin, clock.getAsLong());
        this.reconnectAt = clock.getAsLong();
    }

    /** Runs until stopped. Throws when the log's folder cannot be read at the start. */
    public void run() throws IOException, InterruptedException {
        LogFiles files = new LogFiles(settings.log().toAbsolutePath().normalize());
        try (Tails tails = new Tails(settings.sidecar(), files, delivered, failpoints);
                ControlPlaneLink link = new ControlPlaneLink(settings.controlPlane(), settings.proof(), events::add)) {
            long stopAt = 0;
            boolean draining = false;
            while (true) {
                sent = false;
                boolean readable = turn(tails, link);
                int pause = readable ? pace.next(sent || unanswered > 0 || draining) : DISK_PAUSE_MILLIS;
                if (draining && (clock.getAsLong() - stopAt >= 0 || drained(tails))) {
                    break;
                }
                if (stopping && !draining) {
                    draining = true;
                    stopAt = clock.getAsLong() + DRAIN_NANOS;
                }
                Event event = events.poll(pause, TimeUnit.MILLISECONDS);
                for (; event != null; event = events.poll()) {
                    handle(event, tails, link);
                }
            }
            report(tails);
        } finally {
            ended.countDown();
        }
    }

    private void report(Tails tails) throws IOException {
        long left = 0;
        for (Tail tail : tails.all()) {
            left += tail.behind();
        }
        log.info(
                "stopped: {} lines ({} bytes) delivered, {} files deleted, {} bytes left for the next start",
                delivered.lines(),
                delivered.bytes(),
                tails.deleted(),
                left);
    }

    /**
     * Has it deliver what is there, for at most {@link #DRAIN_NANOS}, and waits until it has ended. May be called on any
     * thread.
     */
    public void stop() throws InterruptedException {
        stopping = true;
        boolean unused = ended.await(2 * DRAIN_NANOS, TimeUnit.NANOSECONDS);
    }

    /** One turn of the collector; false when the disk cannot be read now. */
    private boolean turn(Tails tails, ControlPlaneLink link) {
        long now = clock.getAsLong();
        writes.turn(now);
        try {
            tails.refresh(now);
            if (link.isOpen()) {
                if (connected) {
                    rotation.turn(tails, now);
                }
                send(tails, link, now);
            } else if (now - reconnectAt >= 0) {
                link.open();
                unanswered = 0;
                send(tails, link, now);
            }
            diskProblem = "";
            return true;
        } catch (IOException | UncheckedIOException e) {
            if (!diskProblem.equals(e.toString())) {
                diskProblem = e.toString();
                log.error("{}: {}; trying again", settings.log(), diskProblem);
            }
            return false;
        }
    }

    private void send(Tails tails, ControlPlaneLink link, long now) throws IOException {
        for (Tail tail : tails.all()) {
            Optional<CollectRequest> request = tail.next(buffer);
            if (request.isEmpty() && tails.isSilent(tail, now)) {
                request = tail.rest(buffer);
            }
            if (request.isPresent()) {
                link.send(request.get());
                sent = true;
                unanswered++;
                lastWord = now;
            }
        }
        if (unanswered > 0 && now - lastWord > ANSWER_NANOS) {
            broken("no answer for " + ANSWER_NANOS / 1_000_000_000L + " s", tails, link);
        }
    }

    private void handle(Event event, Tails tails, ControlPlaneLink link) {
        if (!link.isOpen() || event.stream() != link.stream()) {
            return; // a late word of an old stream
        }
        if (event instanceof Event.Broken e) {
            broken(e.reason(), tails, link);
        } else if (event instanceof Event.Answer e) {
            lastWord = clock.getAsLong();
            unanswered--;
            try {
                answered(e, tails, link);
            } catch (IOException problem) {
                broken(settings.log() + ": " + problem, tails, link);
            }
        }
    }

    private void answered(Event.Answer answer, Tails tails, ControlPlaneLink link) throws IOException {
        for (Tail tail : tails.all()) {
            if (answer.fileId().equals(tail.fileId())) {
                switch (tail.answered(answer.offset())) {
                    case STORED -> good(tail, answer.offset());
                    case GO_ON -> {
                        if (!connected && tail.drained()) {
                            good(tail, answer.offset());
                        }
                    }
                    case REFUSED -> broken("it does not take what comes at offset " + answer.offset(), tails, link);
                }
                return;
            }
        }
    }

    private void good(Tail tail, long offset) {
        reconnect.reset();
        if (!connected) {
            connected = true;
            reported = false;
            log.info(
                    "connected to {}: {} is stored up to {}",
                    settings.controlPlane(),
                    tail.file().path(),
                    offset);
        }
    }

    private void broken(String reason, Tails tails, ControlPlaneLink link) {
        link.drop(reason);
        tails.all().forEach(Tail::disconnected);
        if (!reported) {
            reported = true;
            log.warn("control plane {}: {}; the log waits, trying again", settings.controlPlane(), reason);
        }
        connected = false;
        reconnectAt = clock.getAsLong() + reconnect.nextNanos();
    }

    private static boolean drained(Tails tails) {
        try {
            for (Tail tail : tails.all()) {
                if (!tail.drained()) {
                    return false;
                }
            }
            return true;
        } catch (IOException e) {
            return false; // said by the next turn; the deadline holds
        }
    }
}
