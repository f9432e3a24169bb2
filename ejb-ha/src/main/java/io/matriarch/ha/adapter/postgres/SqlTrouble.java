package io.matriarch.ha.adapter.postgres;

import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;

/** What an {@link SQLException} of a connection attempt or a query says about the server. */
enum SqlTrouble {
    /** It said that it does not take sessions now: starting up, shutting down, or in recovery without hot standby. */
    NOT_NOW,
    /** The kernel refused: nobody listens. */
    REFUSED,
    /** The session was ended, or the connection broke: look again. */
    BROKEN,
    /** Nothing came within the bound. */
    SILENT,
    /** It answered and would not: wrong password, no such database, out of connection slots. */
    REJECTED;

    static SqlTrouble of(SQLException e) {
        String state = e.getSQLState() == null ? "" : e.getSQLState();
        if (state.equals("57P03")) {
            return NOT_NOW;
        }
        if (causedBy(e, SocketTimeoutException.class) || e instanceof SQLTimeoutException || state.equals("57014")) {
            return SILENT;
        }
        if (causedBy(e, ConnectException.class)) {
            return REFUSED;
        }
        // pgjdbc's log-in time-out is a bare connection failure: "Connection attempt timed out."
        if (state.equals("08001") && e.getCause() == null) {
            return SILENT;
        }
        return state.startsWith("08") || state.startsWith("57") || state.startsWith("XX") ? BROKEN : REJECTED;
    }

    private static boolean causedBy(Throwable e, Class<? extends Throwable> type) {
        for (Throwable t = e; t != null; t = t.getCause()) {
            if (type.isInstance(t)) {
                return true;
            }
        }
        return false;
    }
}
