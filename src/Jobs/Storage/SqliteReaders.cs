using Microsoft.Data.Sqlite;

namespace Admission.Jobs.Storage;

/// <summary>Connections that read, kept open between two looks. As many as ever looked at once, which the callers bound. Thread-safe.</summary>
/// <param name="open">Opens one more.</param>
internal sealed class SqliteReaders(Func<CancellationToken, Task<SqliteConnection>> open)
{
    private readonly Lock _gate = new();
    private readonly Stack<SqliteConnection> _idle = [];
    private bool _closed;

    /// <summary>Looks. A connection whose look failed is not used again.</summary>
    public async Task<T> UseAsync<T>(Func<SqliteConnection, Task<T>> look, CancellationToken cancellation)
    {
        var connection = Take() ?? await open(cancellation);
        try
        {
            var found = await look(connection);
            if (TryGiveBack(connection))
            {
                connection = null;
            }

            return found;
        }
        finally
        {
            await (connection?.DisposeAsync() ?? default);
        }
    }

    /// <summary>Closes those that are not in use; the others close when their looks end.</summary>
    public async Task CloseAsync()
    {
        SqliteConnection[] idle;
        lock (_gate)
        {
            _closed = true;
            idle = [.. _idle];
            _idle.Clear();
        }

        foreach (var connection in idle)
        {
            await connection.DisposeAsync();
        }
    }

    /// <summary>The file is open again.</summary>
    public void Reopen()
    {
        lock (_gate)
        {
            _closed = false;
        }
    }

    private SqliteConnection? Take()
    {
        lock (_gate)
        {
            return _idle.TryPop(out var connection) ? connection : null;
        }
    }

    private bool TryGiveBack(SqliteConnection connection)
    {
        lock (_gate)
        {
            if (!_closed)
            {
                _idle.Push(connection);
            }

            return !_closed;
        }
    }
}
