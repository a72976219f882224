package dev.weir.control.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.collect.FailingCollector;
import dev.weir.control.server.FaultSchedule.Nemesis;
import dev.weir.control.server.FaultSchedule.Order;
import dev.weir.control.server.FaultSchedule.Round;
import dev.weir.control.testing.StdinFailpoints;
import dev.weir.control.testing.StdinFailpoints.Fault;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * Faults at the failpoints of a control plane and of a collector, while partitions, latency, loss, wrong clocks and strangers
 * come and go, in a random order, and agents call. The control plane has a small heap and few descriptors.
 * {@code -Dweir.faults=SECONDS} makes it longer, {@code -Dweir.seed=S} draws the schedule of an earlier run.
 */
final class FaultScheduleIT {
    private static final int SECONDS = Integer.getInteger("weir.faults", Boolean.getBoolean("weir.full") ? 1_800 : 20);
    private static final long SEED = Long.getLong("weir.seed", System.nanoTime());
    private static final long REACH_NANOS = TimeUnit.MILLISECONDS.toNanos(2_500);
    private static final long SERVICE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    /**
     * What the picker may grant beyond the slots, to hide the time from an end to the next request, is twice what the provider serves
     * in that time, of which a quarter of a second counts at most: of calls that take half a second, as much as the slots.
     */
    private static final int MAX_IN_FLIGHT = 2 * FaultMesh.SLOTS;

    private static final int ROUNDS_UNTIL_ALL_ARE_SERVED = 8;

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path directory;

    private final Map<Nemesis, Integer> nemeses = new EnumMap<>(Nemesis.class);
    private final Map<Fault, Integer> faults = new EnumMap<>(Fault.class);

    @Test
    void whatever_fails_each_call_is_there_once_at_its_price_under_a_stored_decision() throws Exception {
        System.out.println("FaultScheduleIT: -Dweir.faults=" + SECONDS + " -Dweir.seed=" + SEED);
        FaultSchedule schedule = new FaultSchedule(SEED);
        try (FaultMesh mesh = new FaultMesh(
                        directory,
                        "{path: weir.db, reserve: 1MiB}",
                        FailingControlPlane.class.getName(),
                        fewDescriptors(),
                        FailingCollector.class.getName(),
                        SERVICE_NANOS);
                Surroundings surroundings = new Surroundings(mesh)) {
            mesh.agents(3 * FaultMesh.SLOTS, 2 * FaultMesh.SLOTS, 5_000_000);
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
            for (int round = 1; System.nanoTime() < end; round++) {
                happens(mesh, surroundings, schedule.next());
                if (round % ROUNDS_UNTIL_ALL_ARE_SERVED == 0) {
                    mesh.awaitGoodSince(System.nanoTime());
                }
            }
            mesh.awaitGoodSince(System.nanoTime());
            System.out.println("FaultScheduleIT: " + nemeses + ", " + faults + ", "
                    + mesh.history.calls().size() + " calls");
            String what = "seed " + SEED + ": " + nemeses + ", " + faults;
            assertThat(mesh.failures("free"))
                    .as("%s: calls that need no control plane", what)
                    .isZero();
            assertThat(mesh.settle(directory.resolve("config/weir.db"), Map.of("a", MAX_IN_FLIGHT)))
                    .as(what)
                    .isEmpty();
            assertThat(faults).as("faults that happened").isNotEmpty();
        }
    }

    /** As many as its libraries and a few connections need. */
    private static List<String> fewDescriptors() {
        int libraries = System.getProperty("java.class.path").split(Pattern.quote(File.pathSeparator)).length;
        return List.of("sh", "-c", "ulimit -n " + (libraries + 160) + " && exec \"$@\"", "sh");
    }

    private void happens(FaultMesh mesh, Surroundings surroundings, Round round) throws Exception {
        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(round.holdMillis());
        surroundings.begin(round.nemesis(), round.amount());
        nemeses.merge(round.nemesis(), 1, Integer::sum);
        happens(mesh, round.order(), round.downMillis());
        TimeUnit.NANOSECONDS.sleep(until - System.nanoTime());
        surroundings.end();
        Thread.sleep(round.restMillis());
    }

    /** Waits for the process to come to that point, for a while: what surrounds it may keep it from ever coming there. */
    private void happens(FaultMesh mesh, Order order, int downMillis) throws IOException, InterruptedException {
        String name = order.collector() ? "collector" : "control-plane";
        Process process = order.collector() ? mesh.collector() : mesh.controlPlane();
        long before = happened(mesh, name);
        Surroundings.tell(process, order.point() + " " + order.fault());
        long deadline = System.nanoTime() + REACH_NANOS;
        while (happened(mesh, name) == before) {
            if (System.nanoTime() > deadline) {
                Surroundings.tell(process, StdinFailpoints.NOTHING);
                Thread.sleep(200); // it may be there at this moment
                if (happened(mesh, name) == before) {
                    return;
                }
            }
            Thread.sleep(20);
        }
        faults.merge(order.fault(), 1, Integer::sum);
        if (order.fault() == Fault.KILL) {
            process.waitFor();
            Thread.sleep(downMillis / 4);
            if (order.collector()) {
                mesh.startCollector();
            } else {
                mesh.startControlPlane();
            }
        } else if (order.fault() == Fault.STOP) {
            Thread.sleep(100 + downMillis);
            new ProcessBuilder("kill", "-CONT", Long.toString(process.pid()))
                    .start()
                    .waitFor();
        }
    }

    private static long happened(FaultMesh mesh, String name) throws IOException {
        return mesh.output(name)
                .lines()
                .filter(line -> line.startsWith("failpoint "))
                .count();
    }
}
