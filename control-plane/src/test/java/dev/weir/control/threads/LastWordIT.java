package dev.weir.control.threads;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

final class LastWordIT {
    /** A process whose work is done by one thread while others would keep it alive for ever. */
    public static final class Lives {
        public static void main(String[] args) throws InterruptedException {
            Thread.setDefaultUncaughtExceptionHandler(new LastWord(LastWord::end));
            Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("in good order")));
            new Thread(() -> deeper(0), "worker").start();
            new CountDownLatch(1).await();
        }

        @SuppressWarnings("InfiniteRecursion")
        private static long deeper(long n) {
            return deeper(n + 1) + 1;
        }
    }

    @Test
    void a_process_does_not_outlive_the_thread_that_does_its_work() throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Lives.class.getName())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isEqualTo(LastWord.EXIT_CODE);
        assertThat(said)
                .contains("thread worker ended by an error", "StackOverflowError")
                .contains("in good order");
    }
}
