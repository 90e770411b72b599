using System.Net.Mime;
using System.Text.Json;
using System.Text.Json.Nodes;
using Admission.Cli.Gateway;

namespace Admission.Cli.Run;

/// <summary>A lease that this program holds. docs/leases.md tells how long one lasts.</summary>
internal sealed class ProgramLease
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(200);

    // 404 may also be said of the backend, by a gateway that does not have it yet.
    private static readonly string[] Ends = ["unknown-lease", "lease-reclaimed", "lease-released"];

    private readonly Session _session;
    private readonly string _path;
    private readonly TimeSpan _ttl;
    private long _from;
    private TimeSpan _left;

    private ProgramLease(Session session, string backend, JsonElement lease, TimeSpan ttl, long sent)
    {
        _session = session;
        _ttl = ttl;
        Id = lease.GetProperty("id").GetString()!;
        _path = AdminApi.Backend(backend, $"/leases/{Id}");
        var fencing = lease.GetProperty("fencing");
        (Epoch, Number) = (fencing.GetProperty("epoch").GetInt64(), fencing.GetProperty("number").GetInt64());

        // Not from when the answer came: it may have been long on its way, or this program stopped meanwhile. What it has waited the gateway has measured.
        var waited = lease.TryGetProperty("waited", out var seconds) ? TimeSpan.FromSeconds(seconds.GetDouble()) : TimeSpan.Zero;
        (_from, _left) = (sent, waited + Left(lease));
    }

    /// <summary>A secret of who has it.</summary>
    public string Id { get; }

    /// <summary>The epoch of the ledger that granted it.</summary>
    public long Epoch { get; }

    /// <summary>Higher than that of each lease before.</summary>
    public long Number { get; }

    private TimeProvider Time => _session.Context.Time;

    /// <summary>Asks for a lease.</summary>
    /// <exception cref="CommandFailedException">There is none.</exception>
    public static async Task<ProgramLease> TakeAsync(Session session, string backend, JsonObject body, TimeSpan ttl, TimeSpan wait)
    {
        var content = new JsonContent(body, MediaTypeNames.Application.Json);
        using var request = new HttpRequestMessage(HttpMethod.Post, AdminApi.Backend(backend, "/leases")) { Content = content.ToHttp() };
        var sent = session.Context.Time.GetTimestamp();
        using var response = await session.Api.SendAsync(request, HttpCompletionOption.ResponseContentRead, wait + session.Api.Connection.Timeout, session.Stop);
        var answer = await session.Api.ReadAsync(response, session.Stop);
        return answer.Problem switch
        {
            null => new ProgramLease(session, backend, answer.Body, ttl, sent),
            { Status: 429 or 503 } busy => throw new CommandFailedException(ExitCodes.NoPermits, $"{busy.Title}: {busy.Detail}"),
            { } problem => throw await ApiFailures.OfAsync(session.Api, problem, session.Stop),
        };
    }

    /// <summary>Whether it may be used now. Of one whose answer was so long on its way that nothing is left of it the gateway is asked once more.</summary>
    /// <param name="grace">As with <see cref="KeepAsync"/>.</param>
    /// <exception cref="CommandFailedException">The gateway cannot say.</exception>
    public async Task<bool> IsHeldAsync(TimeSpan grace)
    {
        if (_left - Time.GetElapsedTime(_from) > grace)
        {
            return true;
        }

        var sent = Time.GetTimestamp();
        var answer = await AskAsync(HttpMethod.Put, _ttl / 6, _session.Stop);
        (_from, _left) = answer.Problem is null ? (sent, Left(answer.Body)) : (_from, _left);
        return _left - Time.GetElapsedTime(_from) > grace;
    }

    /// <summary>Renews until it fails, or is told to end. One try takes at most a sixth of the time-to-live: a gateway that is slow once does not cost the lease.</summary>
    /// <param name="grace">So long before its end the lease counts as lost if it could not be renewed: what is stopped then has ended before its permits are somebody else's.</param>
    /// <param name="stop">Ends it.</param>
    /// <returns>Why it was lost.</returns>
    public async Task<string> KeepAsync(TimeSpan grace, CancellationToken stop)
    {
        var pause = _ttl / 3;
        var failure = "it was not renewed in time";
        while (true)
        {
            var left = _left - grace - Time.GetElapsedTime(_from);
            if (left <= TimeSpan.Zero)
            {
                return failure;
            }

            await Task.Delay(pause < left ? pause : left, Time, stop);
            try
            {
                var sent = Time.GetTimestamp();
                var answer = await AskAsync(HttpMethod.Put, Shorter(Longer(_ttl / 6, ShortestPause), _left - grace - Time.GetElapsedTime(_from)), stop);
                if (answer.Problem is { } gone && Ends.Contains(gone.Reason))
                {
                    return $"the gateway says: {gone.Detail.TrimEnd('.')}";
                }

                (failure, pause) = answer.Problem is { } problem ? (problem.Detail.TrimEnd('.'), Sooner(pause)) : (failure, _ttl / 3);
                (_from, _left) = answer.Problem is null ? (sent, Left(answer.Body)) : (_from, _left);
            }
            catch (Exception odd) when (ApiFailures.IsOdd(odd))
            {
                (failure, pause) = (ApiFailures.Odd(_session.Api.Connection, odd).Message.TrimEnd('?'), Sooner(pause));
            }
            catch (CommandFailedException failed)
            {
                // No lost lease: the gateway may come back, and the ledger need not be where the gateway was.
                (failure, pause) = (failed.Message.TrimEnd('.'), Sooner(pause));
            }
        }
    }

    /// <summary>Gives it back; where that fails it ends by itself.</summary>
    public async Task ReleaseAsync()
    {
        string? failure;
        try
        {
            failure = (await AskAsync(HttpMethod.Delete, _session.Api.Connection.Timeout, CancellationToken.None)).Problem is { Status: not (404 or 410) } problem ? problem.Detail : null;
        }
        catch (CommandFailedException failed)
        {
            failure = failed.Message;
        }

        if (failure is not null)
        {
            _session.Context.Tell(FormattableString.Invariant($"admission: the lease could not be given back and ends by itself within {_ttl.TotalSeconds * 1.1:0} s. {failure}"));
        }
    }

    private static TimeSpan Left(JsonElement lease) => TimeSpan.FromSeconds(lease.GetProperty("expiresIn").GetDouble());

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static TimeSpan Sooner(TimeSpan pause) => Longer(pause / 2, ShortestPause);

    private async Task<ApiAnswer> AskAsync(HttpMethod method, TimeSpan patience, CancellationToken stop)
    {
        var longest = _session.Api.Connection.Timeout;
        using var request = new HttpRequestMessage(method, _path);
        using var response = await _session.Api.SendAsync(request, HttpCompletionOption.ResponseContentRead, Shorter(Longer(patience, ShortestPause), longest), stop);
        return await _session.Api.ReadAsync(response, stop);
    }
}
