package dev.weir.control.testbed.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class StationTest {
    private final List<String> told = new ArrayList<>();

    @Test
    void serves_first_come_first_served_with_as_many_at_once_as_there_are_slots() {
        Station station = new Station(2, 10);
        arrive(station, 0, "a", 100, 1);
        arrive(station, 0, "b", 50, 1);
        arrive(station, 10, "c", 30, 1);
        arrive(station, 20, "d", 30, 1);
        assertThat(station.inService()).isEqualTo(2);
        assertThat(station.waiting()).isEqualTo(2);

        station.advance(1000);

        assertThat(told)
                .containsExactly(
                        "a starts 0",
                        "b starts 0",
                        "b ends 50",
                        "c starts 50",
                        "c ends 80",
                        "d starts 80",
                        "a ends 100",
                        "d ends 110");
        assertThat(station.nextAt()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void a_late_timer_loses_no_capacity() {
        Station station = new Station(1, 100);
        for (int i = 0; i < 100; i++) {
            arrive(station, 0, "job" + i, 10, 1);
        }
        long now = 0;
        Random lateness = new Random(1);
        while (station.inService() > 0) {
            now = station.nextAt() + lateness.nextInt(35);
            station.advance(now);
        }
        assertThat(told.get(told.size() - 1)).isEqualTo("job99 ends 1000");
    }

    @Test
    void an_idle_slot_starts_when_the_job_arrives_not_when_it_was_last_free() {
        Station station = new Station(1, 10);
        arrive(station, 0, "a", 10, 1);
        station.advance(500);
        arrive(station, 700, "b", 10, 1);
        station.advance(1000);
        assertThat(told).containsExactly("a starts 0", "a ends 10", "b starts 700", "b ends 710");
    }

    @Test
    void a_change_of_speed_counts_from_that_moment_also_for_jobs_in_service() {
        Station station = new Station(1, 10);
        arrive(station, 0, "a", 100, 1);
        arrive(station, 0, "b", 100, 1);
        station.setSpeed(50, 0.5); // half of a is left and takes twice as long
        station.setSpeed(200, 1); // 25 of b is done
        station.advance(1000);
        assertThat(told).containsExactly("a starts 0", "a ends 150", "b starts 150", "b ends 275");
    }

    @Test
    void a_stall_holds_everything_and_recovery_goes_on_where_it_stopped() {
        Station station = new Station(1, 10);
        arrive(station, 0, "a", 100, 1);
        station.setSpeed(40, 0);
        arrive(station, 50, "b", 10, 1);
        assertThat(station.nextAt()).isEqualTo(Long.MAX_VALUE);
        station.advance(1_000_000);
        assertThat(told).containsExactly("a starts 0");

        station.setSpeed(1_000_000, 1);
        station.advance(2_000_000);
        assertThat(told).containsExactly("a starts 0", "a ends 1000060", "b starts 1000060", "b ends 1000070");
    }

    @Test
    void parts_are_told_evenly_over_the_time_in_service() {
        Station station = new Station(1, 10);
        arrive(station, 0, "a", 100, 4);
        station.advance(60);
        station.setSpeed(60, 0.5);
        station.advance(1000);
        assertThat(told).containsExactly("a starts 0", "a part 1", "a part 2", "a part 3", "a ends 140");
        assertThat(station.inService()).isZero();
    }

    @Test
    void a_cancelled_job_frees_its_place_in_the_queue_or_its_slot_at_once() {
        Station station = new Station(1, 10);
        Station.Job running = arrive(station, 0, "a", 100, 1);
        Station.Job waiting = arrive(station, 0, "b", 100, 1);
        arrive(station, 0, "c", 100, 1);
        station.cancel(10, waiting);
        station.cancel(20, running);
        station.advance(1000);
        assertThat(told).containsExactly("a starts 0", "c starts 20", "c ends 120");
    }

    @Test
    void a_job_that_was_due_before_it_was_cancelled_has_finished() {
        Station station = new Station(1, 10);
        Station.Job job = arrive(station, 0, "a", 100, 1);
        station.cancel(150, job);
        assertThat(told).containsExactly("a starts 0", "a ends 100");
    }

    @Test
    void the_queue_has_an_end() {
        Station station = new Station(1, 1);
        arrive(station, 0, "a", 100, 1);
        assertThat(station.hasRoom()).isTrue();
        arrive(station, 0, "b", 100, 1);
        assertThat(station.hasRoom()).isFalse();
        assertThatThrownBy(() -> arrive(station, 0, "c", 100, 1)).isInstanceOf(IllegalStateException.class);
    }

    /** Little's law and work conservation on a random history with changes of speed and cancellations. */
    @Test
    void no_job_is_lost_or_served_twice() {
        Random random = new Random(7);
        Station station = new Station(3, 1000);
        List<Station.Job> jobs = new ArrayList<>();
        long now = 0;
        for (int i = 0; i < 2000; i++) {
            now += random.nextInt(40);
            switch (random.nextInt(10)) {
                case 0 -> station.setSpeed(now, random.nextInt(4) * 0.5);
                case 1 -> {
                    if (!jobs.isEmpty()) {
                        station.cancel(now, jobs.remove(random.nextInt(jobs.size())));
                    }
                }
                default -> {
                    if (station.hasRoom()) {
                        jobs.add(arrive(station, now, "j" + i, 1 + random.nextInt(100), 1 + random.nextInt(3)));
                    }
                }
            }
        }
        station.setSpeed(now, 1);
        station.advance(now + 1_000_000);
        assertThat(station.inService() + station.waiting()).isZero();
        List<String> ends = told.stream()
                .filter(line -> line.contains(" ends "))
                .map(line -> line.substring(0, line.indexOf(' ')))
                .toList();
        assertThat(ends).doesNotHaveDuplicates().hasSizeGreaterThan(1000);
    }

    private Station.Job arrive(Station station, long at, String name, long service, int parts) {
        return station.arrive(at, service, parts, new Station.Work() {
            @Override
            public void started(long atNanos) {
                told.add(name + " starts " + atNanos);
            }

            @Override
            public void part(int number) {
                told.add(name + " part " + number);
            }

            @Override
            public void finished(long atNanos) {
                told.add(name + " ends " + atNanos);
            }
        });
    }
}
