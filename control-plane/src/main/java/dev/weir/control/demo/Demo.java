package dev.weir.control.demo;

import dev.weir.control.testbed.AwaitChildren;
import dev.weir.control.testbed.ChainPlace;
import dev.weir.control.testbed.Children;
import dev.weir.control.testbed.DeclaredCapacity;
import dev.weir.control.testbed.Fleet;
import dev.weir.control.testbed.Ports;
import dev.weir.control.testbed.RawCall;
import dev.weir.control.testbed.TestbedFailure;
import dev.weir.control.testbed.Tools;
import dev.weir.control.testbed.load.LoadGenerator;
import dev.weir.control.testbed.provider.DemoProvider;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The demo: a chain, five providers that stake and declare on it, and for each policy a control plane, two sidecars and the
 * same traffic; at the end the figures, and whether they are those promised.
 */
public final class Demo {
    private static final String CHAT = "/v1/chat/completions";
    private static final String QUESTION = "{\"model\":\"" + Fleet.MODEL
            + "\",\"messages\":[{\"role\":\"user\",\"content\":\"What does a weir do?\"}]}";

    private static final long SIGNAL_MILLIS = 300;
    /** A sender that is later than this distorts what is measured. */
    private static final double LATE_MILLIS = 50;

    private final DemoOptions options;
    private final List<String> java;
    private final Tools tools;
    private final Screen screen;
    private final long startedNanos = System.nanoTime();
    private final Map<String, Figures> figures = new LinkedHashMap<>();
    private final List<WaitCurve> curves = new ArrayList<>();
    private List<DeclaredCapacity> capacity = List.of();
    /** then the processes' logs stay */
    private volatile boolean failed;

    /**
     * @param java command that runs this application in a process of its own, but for its arguments
     * @param environment variables that name the tools
     * @param out where it speaks
     */
    public Demo(DemoOptions options, List<String> java, Map<String, String> environment, PrintStream out) {
        this.options = options;
        this.java = List.copyOf(java);
        this.tools = Tools.of(environment);
        this.screen = new Screen(out);
    }

    /**
     * Plays the story. Blocks until the end, with {@code --keep} until the process is told to end.
     *
     * @return figures that were promised and missed, in words
     */
    public List<String> run() {
        Path folder = temporary();
        Children children = new Children(folder);
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            children.close();
                            // one that was started and not yet taken charge of
                            ProcessHandle.current().descendants().forEach(ProcessHandle::destroyForcibly);
                            if (!failed) {
                                delete(folder);
                            }
                        },
                        "weir-demo-end"));
        MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
        try (Ports ports = new Ports(Path.of(System.getProperty("java.io.tmpdir"), "weir-demo.lock"))) {
            List<String> misses =
                    play(folder, Stage.Places.of(ports), children, (EventLoop) group.next(), (EventLoop) group.next());
            if (!misses.isEmpty()) {
                failed(folder);
            }
            return misses;
        } catch (RuntimeException e) {
            // Ctrl-C reaches the children too, and they may be gone before this process has begun to end
            AwaitChildren.pause(SIGNAL_MILLIS);
            if (children.ending()) {
                throw new TestbedFailure("stopped");
            }
            failed(folder);
            throw e;
        } finally {
            children.close();
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
        }
    }

    private void failed(Path folder) {
        failed = true;
        screen.say("what the processes said is in " + folder);
    }

    private List<String> play(
            Path folder, Stage.Places places, Children children, EventLoop providerLoop, EventLoop loadLoop) {
        Story story = options.story();
        List<DemoProvider> providers = Fleet.PROVIDERS.stream()
                .map(spec -> DemoProvider.start(
                        spec, 0, providerLoop, System::nanoTime, InstantSource.system(), new Random(story.seed())))
                .toList();
        progress("five providers: " + Fleet.PROVIDERS.size() + " ports, " + Math.round(Fleet.capacity())
                + " work units per second together");
        LocalChain chain = LocalChain.start(tools.anvil(), children);
        ChainPlace place = chain.place();
        progress("a chain at " + place.rpc() + " with a registry at " + place.registry());
        for (int i = 0; i < options.policies().size(); i++) {
            String policy = options.policies().get(i);
            boolean last = i == options.policies().size() - 1;
            try (Stage stage = new Stage(
                    folder.resolve(policy),
                    policy,
                    mode(policy),
                    places,
                    place,
                    providers,
                    java,
                    tools.envoy(),
                    children)) {
                if (i == 0) {
                    chain.onboard(providers);
                    progress("the providers have staked and declared");
                }
                stage.awaitReady();
                progress(policy + ": control plane and two sidecars are ready; dashboard: "
                        + stage.admin().root());
                perform(policy, stage, providers, children, loadLoop);
                if (last) {
                    finish(stage, children);
                }
            }
        }
        providers.forEach(DemoProvider::close);
        if (story.overload() && options.mode() != DemoOptions.Mode.SPLIT) {
            return Optional.ofNullable(figures.get(DemoOptions.WATER_FILLING))
                    .map(Verdict::overloadMisses)
                    .orElse(List.of());
        }
        return story.promised() ? verdict() : List.of();
    }

    /** The correction that a policy is played with; fixed weights are corrected by nothing. */
    private DemoOptions.Mode mode(String policy) {
        return policy.equals(DemoOptions.WRR) ? DemoOptions.Mode.SPLIT : options.mode();
    }

    private void perform(
            String policy, Stage stage, List<DemoProvider> providers, Children children, EventLoop loadLoop) {
        long tokensBefore = LedgerReader.tokens(providers);
        long first = stage.admin().epoch().sequence();
        try (LoadGenerator generator =
                new LoadGenerator(loadLoop, stage.sidecarAddresses(), Fleet.MODEL, System::nanoTime)) {
            Performance.Outcome outcome = new Performance(
                            options.story(), providers, generator, children, System::nanoTime)
                    .play(policy, screen.view());
            long releases = stage.admin().epoch().sequence() - first;
            try (LedgerReader books = new LedgerReader(stage.database())) {
                Figures.Records records = books.reconcile(
                        outcome, LedgerReader.tokens(providers) - tokensBefore, new AwaitChildren(children));
                figures.put(
                        policy,
                        new Figures(
                                outcome.traffic(),
                                records,
                                releases,
                                stage.admin().nacks()));
            }
            curves.add(outcome.curve());
            capacity = stage.admin().declared();
            progress(policy + ": done" + Summary.largest(options.story(), outcome));
            if (outcome.latestSendMillis() > LATE_MILLIS) {
                progress(String.format(
                        Locale.ROOT,
                        "this machine is busy: calls were sent up to %.0f ms late, which counts as waiting",
                        outcome.latestSendMillis()));
            }
        }
    }

    private void finish(Stage stage, Children children) {
        options.json().ifPresent(file -> DemoReport.write(file, DemoReport.json(figures, capacity)));
        options.plot().ifPresent(file -> write(file, Plot.svg(options.story(), curves)));
        screen.say("");
        Summary.lines(options.story(), figures).forEach(screen::say);
        RawCall call = RawCall.postJson(stage.sidecarPort(), CHAT, QUESTION);
        show("One call through a sidecar:", call);
        Optional<String> id = call.header("x-request-id");
        if (call.status() == 200 && id.isPresent()) {
            try (LedgerReader books = new LedgerReader(stage.database())) {
                screen.say("");
                screen.say("Its row in the ledger:");
                screen.say(Summary.row(books.row(id.get(), new AwaitChildren(children))));
            }
        }
        show("The public signal, before any call:", RawCall.get(stage.sidecarPort(), "/.well-known/weir"));
        if (options.keep()) {
            keep(stage, children);
        }
    }

    private void keep(Stage stage, Children children) {
        screen.say("");
        screen.say("The mesh stays up until Ctrl-C; dashboard: " + stage.admin().root() + ". Use it:");
        screen.say("");
        Summary.snippet(stage.sidecarPort()).forEach(screen::say);
        CountDownLatch never = new CountDownLatch(1);
        try {
            while (!never.await(1, TimeUnit.SECONDS)) {
                children.mustRun();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void show(String title, RawCall call) {
        screen.say("");
        screen.say(title);
        screen.say("$ " + call.request());
        screen.say(call.response().replace("\r", "").strip());
    }

    private List<String> verdict() {
        Figures ours = figures.get(DemoOptions.WATER_FILLING);
        return ours == null
                ? List.of()
                : Verdict.misses(ours, Optional.ofNullable(figures.get(DemoOptions.WRR)), capacity);
    }

    private void progress(String what) {
        screen.say(String.format(Locale.ROOT, "[%5.1f s] %s", (System.nanoTime() - startedNanos) / 1e9, what));
    }

    private static void write(Path file, String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new TestbedFailure(file + ": " + e.getMessage() + " (expected: a file that can be written)");
        }
    }

    private static Path temporary() {
        try {
            return Files.createTempDirectory("weir-demo-");
        } catch (IOException e) {
            throw new TestbedFailure("no temporary directory: " + e.getMessage());
        }
    }

    private static void delete(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException | UncheckedIOException e) {
            throw new TestbedFailure("cannot delete " + folder + ": " + e.getMessage());
        }
    }
}
