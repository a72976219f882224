package dev.weir.bench.check;

import java.net.http.HttpResponse;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** Poisson arrivals at both pools in blocks by turns, so that a disturbance hits both alike. */
final class CheckLoad {
    private static final int BLOCK_SECONDS = 2;

    private final CheckMesh mesh;
    private final double perSecond;
    private final SplittableRandom random = new SplittableRandom(1);
    private final AtomicInteger failures = new AtomicInteger();

    CheckLoad(CheckMesh mesh, double perSecond) {
        this.mesh = mesh;
        this.perSecond = perSecond;
    }

    /** Asks for so long on each pool. */
    Times run(int seconds) {
        ConcurrentLinkedQueue<Double> plain = new ConcurrentLinkedQueue<>();
        ConcurrentLinkedQueue<Double> checked = new ConcurrentLinkedQueue<>();
        for (int block = 0; block * BLOCK_SECONDS < seconds; block++) {
            block("plain", plain);
            block("checked", checked);
        }
        return new Times(new Quantiles(plain), new Quantiles(checked), failures.get());
    }

    private void block(String pool, ConcurrentLinkedQueue<Double> times) {
        int count = (int) Math.round(perSecond * BLOCK_SECONDS);
        CountDownLatch done = new CountDownLatch(count);
        long next = System.nanoTime();
        for (int i = 0; i < count; i++) {
            next += (long) (-Math.log(1 - random.nextDouble()) / perSecond * 1e9);
            for (long wait = next - System.nanoTime(); wait > 0; wait = next - System.nanoTime()) {
                LockSupport.parkNanos(wait);
            }
            long start = System.nanoTime();
            var unused = mesh.http()
                    .sendAsync(mesh.request(pool), HttpResponse.BodyHandlers.discarding())
                    .whenComplete((reply, problem) -> {
                        if (problem == null && reply.statusCode() == 200) {
                            times.add((System.nanoTime() - start) / 1e6);
                        } else {
                            failures.incrementAndGet();
                        }
                        done.countDown();
                    });
        }
        try {
            done.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /** The response times of a run. */
    record Times(Quantiles plain, Quantiles checked, int failures) {}
}
