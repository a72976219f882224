package dev.weir.bench.loop;

import dev.weir.control.testbed.AwaitChildren;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleConsumer;

/** Plays trials, one after the other: fresh providers, a fresh mesh, the jobs, the events. */
final class Player {
    /** Between readiness and the first job, in which nothing is measured. */
    private static final long SETTLE_NANOS = 500_000_000;

    /** How long after the last arrival answers are waited for; the rest counts as open. */
    private static final double PATIENCE_SECONDS = 20;

    private static final long STEP_MILLIS = 20;

    private static final double REHEARSAL_SECONDS = 4;
    private static final double REHEARSAL_PER_SECOND = 300;
    private static final double REHEARSAL_LOAD = 0.1;
    private static final long REHEARSAL_SEED = -1;

    private final Bench bench;

    Player(Bench bench) {
        this.bench = bench;
    }

    /** @param progress told the part that is done, 0-1 */
    Run play(Trial trial, DoubleConsumer progress) {
        List<JobServer> providers = trial.plant().servers().stream()
                .map(server -> new JobServer(server, bench.providerLoop(), bench.nanoClock()))
                .toList();
        try (Mesh mesh = mesh(trial, providers)) {
            mesh.awaitReady();
            rehearse(trial, mesh);
            return play(trial, providers, mesh, progress);
        } finally {
            providers.forEach(JobServer::close);
        }
    }

    /** Small jobs for some seconds: what is fresh has connected and compiled itself before the first job that counts. */
    private void rehearse(Trial trial, Mesh mesh) {
        Demand often = new Demand(
                List.of(new Demand.Phase(0, REHEARSAL_PER_SECOND)),
                Sizes.EXPONENTIAL,
                trial.demand().poolShares());
        double size = REHEARSAL_LOAD * trial.plant().capacity() / REHEARSAL_PER_SECOND;
        List<Job> jobs = often.jobs(REHEARSAL_SEED, REHEARSAL_SECONDS).stream()
                .map(job -> new Job(job.number(), job.offsetNanos(), job.size() * size, job.pool()))
                .toList();
        Load load = new Load(jobs, trial.plant().pools(), mesh.sidecars(), bench.loadLoop(), bench.nanoClock());
        load.start(bench.nanoClock().getAsLong());
        new Probe(bench).until("the end of the rehearsal", () -> load.open() == 0);
        load.end();
    }

    private Mesh mesh(Trial trial, List<JobServer> providers) {
        Path folder = folder(trial);
        return trial.policy().ours()
                ? new WeirMesh(bench, trial.policy(), trial.plant(), providers, folder)
                : new PeerMesh(bench, trial.policy(), trial.plant(), providers, folder);
    }

    private Path folder(Trial trial) {
        try {
            return Files.createTempDirectory(bench.folder(), trial.policy().label() + "-seed-" + trial.seed() + "-");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Run play(Trial trial, List<JobServer> providers, Mesh mesh, DoubleConsumer progress) {
        List<Job> jobs = trial.demand().jobs(trial.seed(), trial.seconds());
        Load load = new Load(jobs, trial.plant().pools(), mesh.sidecars(), bench.loadLoop(), bench.nanoClock());
        long start = bench.nanoClock().getAsLong() + SETTLE_NANOS;
        long releases = mesh.releases();
        long envoy = mesh.envoyCpuNanos();
        long control = mesh.controlCpuNanos();
        Lookout lookout = new Lookout(providers, bench.providerLoop(), bench.nanoClock(), start);
        load.start(start);
        Map<String, Double> notes = new HashMap<>();
        Event.Stand stand = new Event.Stand(bench, providers, mesh, notes::put);
        Deque<Event> events = new ArrayDeque<>(trial.events());
        double now = 0;
        double end = trial.seconds() + PATIENCE_SECONDS;
        while (now < trial.seconds()) {
            pause();
            now = (bench.nanoClock().getAsLong() - start) / 1e9;
            while (!events.isEmpty() && events.element().atSeconds() <= now) {
                events.remove().deed().on(stand);
            }
            progress.accept(Math.min(1, Math.max(0, now / trial.seconds())));
        }
        releases = mesh.releases() - releases;
        envoy = mesh.envoyCpuNanos() - envoy;
        control = mesh.controlCpuNanos() - control;
        while (now < end && load.open() > 0) {
            pause();
            now = (bench.nanoClock().getAsLong() - start) / 1e9;
        }
        Load.Result result = load.end();
        return new Run(trial, result.outcomes(), lookout.end(), result.lateNanos(), notes, releases, envoy, control);
    }

    private void pause() {
        bench.children().mustRun();
        AwaitChildren.pause(STEP_MILLIS);
    }
}
