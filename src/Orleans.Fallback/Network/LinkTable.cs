using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.Logging;
using Orleans.Fallback.Membership;
using Orleans.Runtime;

namespace Orleans.Fallback.Network;

/// <summary>The connections of this process: those that it opens to silos, one each, and those that others have opened to it.</summary>
internal sealed partial class LinkTable(LinkContext context, Dialer dialer, LocalProcess self, string cluster, Func<SiloAddress, EndPoint?> endpointOf)
{
    private readonly ILogger _log = context.Log;
    private readonly ConcurrentDictionary<SiloAddress, Outgoing> _outgoing = new();
    private readonly ConcurrentDictionary<string, Link> _clients = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<Link, bool> _incoming = new();
    private readonly CancellationTokenSource _stop = new();

    /// <summary>Called when a connection that was open to a silo has ended.</summary>
    public Action<SiloAddress>? Lost { get; set; }

    /// <summary>The connections that clients have opened.</summary>
    public IEnumerable<Link> Clients => _clients.Values;

    /// <summary>The connection to a silo, open or being opened; null while the silo says goodbye.</summary>
    /// <exception cref="SiloUnavailableException">The last attempt failed, and it is too early for the next.</exception>
    public Link? To(SiloAddress silo)
    {
        while (true)
        {
            var outgoing = _outgoing.GetOrAdd(silo, static _ => new Outgoing());
            lock (outgoing)
            {
                if (!outgoing.Removed)
                {
                    return To(silo, outgoing);
                }
            }
        }
    }

    /// <summary>Opens the connections to these silos that are not open, unless it is too early for the next attempt.</summary>
    public void Keep(IEnumerable<ClusterMember> silos)
    {
        foreach (var silo in silos)
        {
            try
            {
                _ = To(silo.Address);
            }
            catch (SiloUnavailableException exception)
            {
                LogNotKept(silo.Address, exception.Message);
            }
        }
    }

    /// <summary>The connection that a client has opened; null if it has none.</summary>
    public Link? ToClient(string client) => _clients.GetValueOrDefault(client);

    /// <summary>Runs a connection that another process has opened and that has been welcomed.</summary>
    public async Task RunIncomingAsync(Microsoft.AspNetCore.Connections.ConnectionContext connection, Peer peer)
    {
        var link = new Link(context, peer, opened: false);
        _incoming[link] = true;
        if (peer.Client is { } client)
        {
            _clients[client] = link;
        }

        if (_stop.IsCancellationRequested)
        {
            link.Close(new SiloUnavailableException("This process is shutting down."));
        }

        LogOpened(peer);
        try
        {
            await link.RunAsync(connection, peer);
        }
        finally
        {
            _ = _incoming.TryRemove(link, out _);
            if (peer.Client is not null)
            {
                _ = _clients.TryRemove(KeyValuePair.Create(peer.Client, link));
            }
        }
    }

    /// <summary>Ends the connections to silos that are not there any more.</summary>
    public void Apply(ClusterView view)
    {
        if (view.Version == ClusterView.Empty.Version)
        {
            return;
        }

        var alive = view.Members.Where(member => member.Status != SiloStatus.Dead).Select(member => member.Address).ToHashSet();
        var dead = view.Members.Where(member => member.Status == SiloStatus.Dead).Select(member => member.Address).ToHashSet();
        foreach (var (silo, outgoing) in _outgoing)
        {
            if (!alive.Contains(silo))
            {
                End(Remove(silo, outgoing), silo);
            }
        }

        foreach (var link in _incoming.Keys)
        {
            if (link.Peer.Silo is { } silo && dead.Contains(silo))
            {
                End(link, silo);
            }
        }
    }

    // A silo that said goodbye has answered everything before it called itself dead; its last answers may still be on their way.
    private void End(Link? link, SiloAddress silo)
    {
        if (link is { IsRetiring: true })
        {
            _ = EndSoonAsync(link, silo);
        }
        else
        {
            link?.Close(Gone(silo));
        }
    }

    private async Task EndSoonAsync(Link link, SiloAddress silo)
    {
        try
        {
            await link.Closed.WaitAsync(NetworkLimits.GoodbyeTime, context.Time);
        }
        catch (TimeoutException)
        {
            link.Close(Gone(silo));
        }
    }

    /// <summary>Closes what others have opened, once what came that way is answered, which others may have to do. Bounded.</summary>
    public Task StopIncomingAsync(CancellationToken cancellation) =>
        Task.WhenAll(_incoming.Keys.Select(link => link.RetireAsync(cancellation)));

    /// <summary>Closes everything: in peace if there is time, else at once. Opens nothing any more.</summary>
    public async Task StopAsync(CancellationToken cancellation)
    {
        await _stop.CancelAsync();
        await Task.WhenAll(All().Select(link => link.RetireAsync(cancellation)));
    }

    /// <summary>Closes everything at once. Opens nothing any more.</summary>
    public void Abort(Exception cause)
    {
        _stop.Cancel();
        foreach (var link in All())
        {
            link.Close(cause);
        }
    }

    private Link? To(SiloAddress silo, Outgoing outgoing)
    {
        if (outgoing.Link is { Closed.IsCompleted: false } link)
        {
            return link.IsUsable ? link : null;
        }

        if (_stop.IsCancellationRequested)
        {
            throw new SiloUnavailableException("This process is shutting down.");
        }

        if (outgoing.Failure is { } failure && context.Time.GetTimestamp() < outgoing.RetryAt)
        {
            throw new SiloUnavailableException($"There is no connection to silo {silo}: {failure.Message}", failure);
        }

        outgoing.Link = new Link(context, new Peer(silo, Client: null), opened: true);

        // A connection outlives the request that happens to need it first, and must not keep that one's context.
        using var suppressed = ExecutionContext.IsFlowSuppressed() ? default(IDisposable) : ExecutionContext.SuppressFlow();
        _ = OpenAsync(outgoing, outgoing.Link, silo);
        return outgoing.Link;
    }

    private static SiloUnavailableException Gone(SiloAddress silo) => new($"Silo {silo} is not a member of the cluster any more.");

    private Link? Remove(SiloAddress silo, Outgoing outgoing)
    {
        lock (outgoing)
        {
            outgoing.Removed = true;
            _ = _outgoing.TryRemove(KeyValuePair.Create(silo, outgoing));
            return outgoing.Link;
        }
    }

    private List<Link> All() => [.. _incoming.Keys, .. _outgoing.Values.Select(outgoing => outgoing.Link).OfType<Link>()];

    private async Task OpenAsync(Outgoing outgoing, Link link, SiloAddress silo)
    {
        // The caller holds the lock, and the rest may take a while.
        await Task.Yield();
        var opened = 0L;
        try
        {
            var endpoint = endpointOf(silo) ?? throw new SiloUnavailableException($"Silo {silo} has no gateway.");
            using var limit = new CancellationTokenSource(NetworkLimits.ConnectTime + NetworkLimits.HandshakeTime, context.Time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _stop.Token);
            await dialer.RunAsync(
                endpoint,
                async (connection, succeeded) =>
                {
                    var peer = await Handshake.OpenAsync(connection, context.Serializer, HelloTo(silo));
                    succeeded();
                    opened = context.Time.GetTimestamp();
                    LogOpened(peer);
                    await link.RunAsync(connection, peer);
                },
                both.Token);
            Failed(outgoing, opened, new SiloUnavailableException("The connection has ended."));
            link.Close(new SiloUnavailableException("The connection has ended."));
        }
        catch (Exception exception)
        {
            Failed(outgoing, opened, exception);
            LogNotOpened(silo, exception.Message);
            link.Close(exception);
        }

        if (opened != 0)
        {
            Lost?.Invoke(silo);
        }
    }

    private Hello HelloTo(SiloAddress silo) => new()
    {
        Cluster = cluster,
        Silo = self.Silo?.ToParsableString(),
        Client = self.Client,
        Wanted = silo.ToParsableString(),
    };

    /// <summary>A connection that lasted is opened again at once; one that did not, after a while.</summary>
    private void Failed(Outgoing outgoing, long opened, Exception exception)
    {
        lock (outgoing)
        {
            var lasted = opened != 0 && context.Time.GetElapsedTime(opened) >= NetworkLimits.MaxBackOff;
            outgoing.BackOff = lasted ? TimeSpan.Zero
                : outgoing.BackOff == TimeSpan.Zero ? NetworkLimits.MinBackOff
                : TimeSpan.FromTicks(Math.Min(2 * outgoing.BackOff.Ticks, NetworkLimits.MaxBackOff.Ticks));
            outgoing.Failure = lasted ? null : exception;
            outgoing.RetryAt = context.Time.GetTimestamp() + (long)(outgoing.BackOff.TotalSeconds * context.Time.TimestampFrequency);
        }
    }

    [LoggerMessage(9221, LogLevel.Information, "There is a connection to {Peer}")]
    private partial void LogOpened(Peer peer);

    [LoggerMessage(9222, LogLevel.Information, "The connection to silo {Silo} could not be opened: {Cause}")]
    private partial void LogNotOpened(SiloAddress silo, string cause);

    [LoggerMessage(9223, LogLevel.Debug, "There is no connection to silo {Silo} yet: {Cause}")]
    private partial void LogNotKept(SiloAddress silo, string cause);

    private sealed class Outgoing
    {
        public bool Removed { get; set; }

        public Link? Link { get; set; }

        public Exception? Failure { get; set; }

        public long RetryAt { get; set; }

        public TimeSpan BackOff { get; set; }
    }
}
