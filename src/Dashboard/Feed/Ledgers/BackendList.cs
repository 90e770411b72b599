using System.Collections.Frozen;

namespace Admission.Dashboard.Feed.Ledgers;

/// <summary>The backends, read again after five seconds when somebody asks; one that cannot be read is shown as it last was. Thread-safe.</summary>
internal sealed class BackendList(IBackendDirectory directory, TimeProvider time)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private Read _last = new(FrozenSet<string>.Empty, [], null);
    private long? _readAt;
    private Task<Read>? _reading;

    /// <summary>Reads the list.</summary>
    /// <returns>The ids to look one up; the same by name; and why they are not known, or old.</returns>
    public Task<Read> ReadAsync(CancellationToken cancellation)
    {
        lock (_gate)
        {
            if (_reading is null && _readAt is { } at && time.GetElapsedTime(at) < Fresh)
            {
                return Task.FromResult(_last);
            }

            return (_reading ??= ReadNewAsync()).WaitAsync(cancellation);
        }
    }

    private async Task<Read> ReadNewAsync()
    {
        await Task.Yield();
        Read read;
        try
        {
            var ids = await directory.ListAsync(CancellationToken.None).WaitAsync(Patience, time);
            read = ids.Count == _last.Ids.Count && ids.All(_last.Known.Contains) ? _last with { Problem = null }
                : new Read(ids.ToFrozenSet(StringComparer.OrdinalIgnoreCase), [.. ids.OrderBy(static id => id, StringComparer.OrdinalIgnoreCase)], null);
        }
        catch (Exception exception)
        {
            // Told above the rows.
            read = _last with { Problem = $"The list of the backends cannot be read: {exception.Message}" };
        }

        lock (_gate)
        {
            (_last, _readAt, _reading) = (read, time.GetTimestamp(), null);
        }

        return read;
    }

    /// <summary>The list.</summary>
    internal sealed record Read(FrozenSet<string> Known, IReadOnlyList<string> Ids, string? Problem);
}
