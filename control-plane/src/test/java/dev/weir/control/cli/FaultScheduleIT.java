package dev.weir.control.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.collect.FailingCollector;
import dev.weir.control.model.Failpoints.Point;
import dev.weir.control.testing.StdinFailpoints;
import dev.weir.control.testing.StdinFailpoints.Fault;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * Faults at the failpoints of a control plane and of a collector, one after the other in a random order, while agents call.
 * {@code -Dweir.faults=SECONDS} makes it longer, {@code -Dweir.seed=S} the schedule of an earlier run.
 */
final class FaultScheduleIT {
    private static final int SECONDS = Integer.getInteger("weir.faults", Boolean.getBoolean("weir.full") ? 1_800 : 15);
    private static final long SEED = Long.getLong("weir.seed", System.nanoTime());
    private static final int STOP_MILLIS = 2_000;
    private static final long REACH_NANOS = TimeUnit.SECONDS.toNanos(6);

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path directory;

    private final SplittableRandom random = new SplittableRandom(SEED);

    private record Step(boolean collector, Point point, Fault fault) {
        static List<Step> all() {
            List<Step> all = new ArrayList<>();
            for (Fault fault : Fault.values()) {
                Stream.of(Point.RECORDS_INSERTED, Point.RECORDS_COMMITTED, Point.DECISION_SAVING, Point.DECISION_SAVED)
                        .forEach(point -> all.add(new Step(false, point, fault)));
                boolean ofTheProcess = fault == Fault.KILL || fault == Fault.STOP;
                if (ofTheProcess) {
                    all.add(new Step(false, Point.DECISION_RELEASED, fault)); // no step there that a disk could fail
                }
                if (fault != Fault.ENOSPC) { // a rename and a deletion need no room
                    all.add(new Step(true, Point.LOG_RENAMED, fault));
                    all.add(new Step(true, Point.LOG_STORED, fault));
                }
            }
            return all;
        }
    }

    @Test
    void whatever_fails_each_call_is_there_once_at_its_price_under_a_stored_decision() throws Exception {
        System.out.println("FaultScheduleIT: -Dweir.faults=" + SECONDS + " -Dweir.seed=" + SEED);
        List<Step> steps = Step.all();
        Map<Fault, Integer> reached = new EnumMap<>(Fault.class);
        try (FaultMesh mesh = new FaultMesh(
                directory,
                "{path: weir.db, reserve: 1MiB}",
                FailingControlPlane.class.getName(),
                List.of(),
                FailingCollector.class.getName())) {
            mesh.agents(2, 5_000_000);
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
            while (System.nanoTime() < end) {
                Step step = steps.get(random.nextInt(steps.size()));
                if (happens(mesh, step)) {
                    reached.merge(step.fault, 1, Integer::sum);
                }
            }
            order(mesh.controlPlane(), StdinFailpoints.NOTHING);
            order(mesh.collector(), StdinFailpoints.NOTHING);
            System.out.println(
                    "FaultScheduleIT: " + reached + ", " + mesh.history.calls().size() + " calls");
            assertThat(mesh.settle(directory.resolve("config/weir.db"), Map.of("a", FaultMesh.SLOTS + 1)))
                    .as("seed %s: %s", SEED, reached)
                    .isEmpty();
            assertThat(reached).as("faults that happened").isNotEmpty();
        }
    }

    /** False when the process did not come to that point in time. */
    private boolean happens(FaultMesh mesh, Step step) throws IOException, InterruptedException {
        String name = step.collector ? "collector" : "control-plane";
        Process process = step.collector ? mesh.collector() : mesh.controlPlane();
        long before = happened(mesh, name);
        order(process, step.point + " " + step.fault);
        long deadline = System.nanoTime() + REACH_NANOS;
        while (happened(mesh, name) == before) {
            if (System.nanoTime() > deadline) {
                return false;
            }
            Thread.sleep(20);
        }
        if (step.fault == Fault.KILL) {
            process.waitFor();
            Thread.sleep(random.nextInt(500));
            if (step.collector) {
                mesh.startCollector();
            } else {
                mesh.startControlPlane();
            }
        } else if (step.fault == Fault.STOP) {
            Thread.sleep(100 + random.nextInt(STOP_MILLIS));
            new ProcessBuilder("kill", "-CONT", Long.toString(process.pid()))
                    .start()
                    .waitFor();
        }
        return true;
    }

    private static long happened(FaultMesh mesh, String name) throws IOException {
        return mesh.output(name)
                .lines()
                .filter(line -> line.startsWith("failpoint "))
                .count();
    }

    private static void order(Process process, String line) throws IOException {
        process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().flush();
    }
}
