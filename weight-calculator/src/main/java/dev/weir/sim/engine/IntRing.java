package dev.weir.sim.engine;

/** A growing FIFO queue of ints. */
final class IntRing {
    private int[] items = new int[16];
    private int head;
    private int size;

    int size() {
        return size;
    }

    void add(int item) {
        if (size == items.length) {
            int[] larger = new int[size * 2];
            for (int i = 0; i < size; i++) {
                larger[i] = items[(head + i) & (size - 1)];
            }
            items = larger;
            head = 0;
        }
        items[(head + size++) & (items.length - 1)] = item;
    }

    int first() {
        return items[head];
    }

    int remove() {
        int item = items[head];
        head = (head + 1) & (items.length - 1);
        size--;
        return item;
    }
}
