package dev.weir.control.admin;

import dev.weir.control.config.ConfigLoader;
import dev.weir.control.config.DirectorySource;
import dev.weir.control.model.Config;
import dev.weir.xds.telemetry.AccessRecord.Kind;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Serves the page over a mesh that flows by itself, to look at it without Envoys:
 *
 * <pre>{@code java -cp ... dev.weir.control.admin.DashboardPreview CONFIG-DIR PORT SECONDS-OF-HISTORY}</pre>
 */
final class DashboardPreview {
    private static final String[] MODELS = {"example-chat", "example-chat", "<b>bold</b>", "x\"onmouseover=alert(1)"};

    private DashboardPreview() {}

    public static void main(String[] args) throws Exception {
        Config config = new ConfigLoader(new DirectorySource(Path.of(args[0]), name -> Optional.of("x")))
                .load()
                .config()
                .orElseThrow();
        int history = Integer.parseInt(args[2]);
        AdminFixture fixture = new AdminFixture();
        FluidMesh mesh = new FluidMesh(
                config,
                System.currentTimeMillis() - history * 1000L,
                DashboardPreview::demand,
                (p, t) -> health(p, t, history));
        fixture.run(mesh, config, history * 4);
        try (AdminServer server = new AdminServer(
                new InetSocketAddress("127.0.0.1", Integer.parseInt(args[1])),
                fixture.sources(),
                System::currentTimeMillis)) {
            System.out.println("http://127.0.0.1:" + server.address().getPort() + "/");
            long next = System.currentTimeMillis();
            for (long i = 0; ; i++) {
                fixture.run(mesh, config, 1);
                String provider = config.providers()
                        .keySet()
                        .toArray(String[]::new)[(int) (i % config.providers().size())];
                int status = i % 9 == 8 ? 429 : i % 23 == 22 ? 503 : 200;
                fixture.ledger.offer(List.of(AdminFixture.record(
                        Kind.CALL,
                        "5b1d7a52-0f3e-4a8f-9a55-" + String.format("%012x", i),
                        status == 503 ? "" : provider,
                        (long) (mesh.latency(provider) * 1e6),
                        MODELS[(int) (i % MODELS.length)],
                        "/v1/chat/completions",
                        status)));
                next += FluidMesh.STEP_MILLIS;
                Thread.sleep(Math.max(0, next - System.currentTimeMillis()));
            }
        }
    }

    private static double demand(String pool, double seconds) {
        double wave = 1 + 0.25 * Math.sin(seconds / 23) + 0.08 * Math.sin(seconds / 3.1);
        return (pool.equals("chat") ? 215 : 48) * wave;
    }

    private static double health(String provider, double seconds, int history) {
        boolean slow = seconds > history * 0.4 && seconds < history * 0.7;
        return provider.equals("epsilon") && slow ? 0.3 : 1;
    }
}
