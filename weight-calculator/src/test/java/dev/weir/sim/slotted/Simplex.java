package dev.weir.sim.slotted;

/**
 * Maximises {@code c x} subject to {@code A x <= b, x >= 0} with {@code b >= 0}: dense tableau, Bland's rule, so it ends. A
 * reference for tests.
 */
final class Simplex {
    private static final double TINY = 1e-11;

    private Simplex() {}

    static double maximum(double[][] a, double[] b, double[] c) {
        int rows = b.length;
        int columns = c.length;
        double[][] t = new double[rows + 1][columns + rows + 1];
        int[] basis = new int[rows];
        for (int i = 0; i < rows; i++) {
            System.arraycopy(a[i], 0, t[i], 0, columns);
            t[i][columns + i] = 1;
            t[i][columns + rows] = b[i];
            basis[i] = columns + i;
        }
        for (int j = 0; j < columns; j++) {
            t[rows][j] = -c[j];
        }
        while (true) {
            int enter = 0;
            while (enter < columns + rows && t[rows][enter] >= -TINY) {
                enter++;
            }
            if (enter == columns + rows) {
                return t[rows][columns + rows];
            }
            int leave = -1;
            for (int i = 0; i < rows; i++) {
                if (t[i][enter] > TINY) {
                    double ratio = t[i][columns + rows] / t[i][enter];
                    double best = leave < 0 ? Double.POSITIVE_INFINITY : t[leave][columns + rows] / t[leave][enter];
                    if (ratio < best - TINY || (ratio < best + TINY && basis[i] < basis[leave])) {
                        leave = i;
                    }
                }
            }
            if (leave < 0) {
                throw new IllegalArgumentException("unbounded");
            }
            pivot(t, leave, enter);
            basis[leave] = enter;
        }
    }

    private static void pivot(double[][] t, int row, int column) {
        double by = t[row][column];
        for (int j = 0; j < t[row].length; j++) {
            t[row][j] /= by;
        }
        for (int i = 0; i < t.length; i++) {
            double factor = t[i][column];
            if (i != row && factor != 0) {
                for (int j = 0; j < t[i].length; j++) {
                    t[i][j] -= factor * t[row][j];
                }
            }
        }
    }
}
