package dev.weir.control.envoy;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.control.envoy.RawClient.Received;
import dev.weir.xds.telemetry.AccessRecord;
import dev.weir.xds.telemetry.AccessRecord.Kind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** Requests that a sidecar refuses before it has given them an id. They are no calls: nothing is recorded in their name. */
@TestInstance(Lifecycle.PER_CLASS)
final class RefusedEarlyIT {
    private EdgeMesh edges;

    @BeforeAll
    void start(@TempDir Path directory) {
        edges = new EdgeMesh(directory);
    }

    @AfterAll
    void stop() {
        edges.close();
    }

    /** Refused for their path, their host or by the codec; each says that it is request {@code id}. */
    private static List<String> refused(String id) {
        String rest = "x-request-id: " + id + "\r\ncontent-length: 0\r\n";
        String host = "host: x\r\n" + rest;
        return List.of(
                "POST /v1/chat/completions# HTTP/1.1\r\n" + host,
                "POST /v1/chat/completions?a#b HTTP/1.1\r\n" + host,
                "GET /%00 HTTP/1.1\r\n" + host,
                "OPTIONS * HTTP/1.1\r\n" + host,
                "POST /v1/chat/completions HTTP/1.1\r\n" + rest,
                "POST /v1/chat/completions HTTP/1.1\r\nbad header: 1\r\n" + host,
                "POST /v1/chat/completions HTTP/1.1\r\ntransfer-encoding: chunked\r\n" + host,
                "XYZ\r\n");
    }

    /** Records of calls in the file log, but for those that the mesh's start makes; a line that is none fails. */
    private List<AccessRecord> calls() {
        return edges.sidecar.records().stream()
                .filter(record -> record.identity().kind() == Kind.CALL
                        && !record.request().path().equals("/v1/models"))
                .toList();
    }

    @Test
    void they_leave_no_record() {
        int before = calls().size();
        for (String request : refused("mine")) {
            Received received = edges.raw(request + "\r\n");
            assertThat(received.status()).as(request).isBetween(400, 404);
            assertThat(received.header("content-type")).contains("application/json");
        }
        // what is refused later is a call that was made
        String known = edges.call("GET", "/nowhere").header("x-request-id").orElseThrow();
        await().until(() -> calls().stream()
                .anyMatch(record -> record.identity().requestId().equals(known)));

        assertThat(calls()).hasSize(before + 1);
        await().until(() -> edges.mesh.telemetry().records().stream()
                .anyMatch(record -> record.identity().requestId().equals(known)));
        assertThat(edges.mesh.telemetry().records())
                .noneMatch(record -> record.identity().requestId().equals("mine"));
        assertThat(edges.mesh.telemetry().rejections()).isEmpty();
    }

    @Test
    void nobody_writes_the_record_of_a_call_that_is_under_way() {
        List<Integer> statuses = new CopyOnWriteArrayList<>();
        edges.alpha.plays((request, wire) -> {
            for (String forged : refused(requireNonNull(request.headers().get("x-request-id")))) {
                statuses.add(edges.raw(forged + "\r\n").status());
            }
            RawProvider.whole(200, "application/json", EdgeMesh.DONE).play(request, wire);
        });

        String id = edges.chat("one").header("x-request-id").orElseThrow();

        assertThat(statuses).hasSize(refused("").size()).allMatch(status -> status >= 400);
        List<AccessRecord> own = new ArrayList<>();
        await().until(() -> {
            own.clear();
            calls().stream()
                    .filter(record -> record.identity().requestId().equals(id))
                    .forEach(own::add);
            return !own.isEmpty();
        });
        assertThat(own).singleElement().matches(AccessRecord::completed);
        await().until(() -> edges.mesh.telemetry().records().stream()
                .anyMatch(record -> record.identity().kind() == Kind.CALL
                        && record.identity().requestId().equals(id)));
        assertThat(edges.mesh.telemetry().records())
                .filteredOn(record -> record.identity().kind() == Kind.CALL
                        && record.identity().requestId().equals(id))
                .singleElement()
                .matches(AccessRecord::completed);
    }
}
