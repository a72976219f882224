package dev.weir.bench.loop;

import dev.weir.control.testbed.AwaitChildren;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;

/** Asks what runs until it answers as it should. */
final class Probe {
    private static final Duration CALL = Duration.ofSeconds(5);
    private static final Duration READY = Duration.ofSeconds(60);

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CALL)
            .build();
    private final Bench bench;

    /** @param bench waiting ends with a failure when one of its processes ends */
    Probe(Bench bench) {
        this.bench = bench;
    }

    /** Returns when a job of no size comes back from every pool through every sidecar. */
    void serves(List<InetSocketAddress> sidecars, List<Plant.Pool> pools) {
        for (InetSocketAddress sidecar : sidecars) {
            for (int pool = 0; pool < pools.size(); pool++) {
                HttpRequest request = request(sidecar, pools.get(pool), pool);
                until("an answer through " + sidecar, () -> status(request) == 200);
            }
        }
    }

    /** @param what is waited for, as told when it does not come */
    void until(String what, BooleanSupplier question) {
        new AwaitChildren(bench.children()).untilTrue(what, READY, question);
    }

    private static HttpRequest request(InetSocketAddress sidecar, Plant.Pool pool, int index) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + sidecar.getPort() + "/v1/chat/completions"))
                .timeout(CALL)
                .header("content-type", "application/json")
                .header(Headers.JOB, "0")
                .header(Headers.POOL, Integer.toString(index))
                .POST(HttpRequest.BodyPublishers.ofString("{\"model\":\"" + pool.name() + "\",\"messages\":[]}"))
                .build();
    }

    /** Body of a GET; empty when nobody answers. */
    String text(URI address) {
        try {
            return http.send(
                            HttpRequest.newBuilder(address).timeout(CALL).build(), HttpResponse.BodyHandlers.ofString())
                    .body();
        } catch (IOException e) {
            return ""; // gone for the moment: the caller sees that it says nothing
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BenchFailure("interrupted");
        }
    }

    /** Status of a GET; 0 = nobody answers (yet). */
    private int status(HttpRequest request) {
        try {
            return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
        } catch (IOException e) {
            return 0; // not up yet: the caller decides how long that may be
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BenchFailure("interrupted");
        }
    }
}
