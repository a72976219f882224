package dev.weir.xds.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.xds.delivery.SidecarProfile;
import dev.weir.xds.testing.EnvoyProcess;
import dev.weir.xds.testing.ProviderFake;
import dev.weir.xds.testing.RecordedTelemetry;
import dev.weir.xds.testing.TestControlPlane;
import dev.weir.xds.testing.TestResources;
import dev.weir.xds.testing.TestResources.Member;
import dev.weir.xds.testing.TestSidecar;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A control plane that is stopped in an orderly way loses no fresh copy: what it no longer reads, the sidecar keeps. */
final class PlannedStopIT {
    private static final Duration LONG = Duration.ofSeconds(30);

    @TempDir
    Path directory;

    private final SidecarProfile.Consumer profile =
            new SidecarProfile.Consumer("127.0.0.1", EnvoyProcess.freePort(), "weir-access.log");
    private final HttpClient agent =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final AtomicBoolean over = new AtomicBoolean();
    private final AtomicInteger answered = new AtomicInteger();

    @Test
    void no_record_is_lost_or_doubled() throws Exception {
        TestControlPlane first = new TestControlPlane(0);
        int port = first.port();
        try (ProviderFake provider = new ProviderFake(200);
                EnvoyProcess envoy = TestSidecar.start(directory, "sidecar-1", profile, port)) {
            publish(first, provider);
            await().atMost(LONG).until(envoy::isReady);
            Thread load = new Thread(this::load);
            load.start();
            await().atMost(LONG).until(() -> first.telemetry().records().size() > 200);
            first.close();
            int served = answered.get();
            await().atMost(LONG).until(() -> answered.get() > served + 20);
            try (TestControlPlane second = new TestControlPlane(port)) {
                publish(second, provider);
                await().atMost(LONG).until(() -> second.telemetry().records().size() > 200);
                over.set(true);
                load.join();
                await().atMost(LONG)
                        .untilAsserted(() -> assertThat(calls(first.telemetry(), second.telemetry()))
                                .containsExactlyInAnyOrderElementsOf(provider.requestIds()));
            }
        }
    }

    private static List<String> calls(RecordedTelemetry... parts) {
        return Stream.of(parts)
                .flatMap(part -> part.records().stream())
                .filter(record -> record.identity().kind() == AccessRecord.Kind.CALL)
                .map(record -> record.identity().requestId())
                .toList();
    }

    private void publish(TestControlPlane control, ProviderFake provider) {
        control.delivery()
                .publish(
                        profile,
                        TestResources.set(profile, "1.1", List.of(new Member("a", 1_000_000, 1, provider.port()))));
    }

    private void load() {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + profile.listenPort() + "/"))
                .POST(HttpRequest.BodyPublishers.ofString("{}"))
                .build();
        while (!over.get()) {
            try {
                agent.send(request, HttpResponse.BodyHandlers.ofString());
                answered.incrementAndGet();
                // a sidecar holds back 512 KiB, some 120 calls: what it answers while nobody listens must be less
                Thread.sleep(10);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            } catch (InterruptedException e) {
                return;
            }
        }
    }
}
