using System.Buffers;
using System.Net;
using System.Runtime.Serialization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Fallback.Engine;
using Orleans.Fallback.Membership;
using Orleans.Fallback.Messages;
using Orleans.Fallback.Serialization;
using Orleans.Runtime;

namespace Orleans.Fallback.Network;

/// <summary>Sends requests to other processes, and hands on what they send.</summary>
internal sealed partial class ClusterNetwork : ILinkHandler, IDisposable
{
    private readonly IClusterMembership _membership;
    private readonly LocalProcess _self;
    private readonly Lazy<IRequestRouter> _router;
    private readonly Lazy<GrainClaims?> _claims;
    private readonly MessageSerializer _serializer;
    private readonly RemoteMethods _methods;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private volatile Missed _missed = new(ClusterView.Empty.Version, 0);
    private volatile Missed? _slow;

    public ClusterNetwork(
        IClusterMembership membership,
        Placement placement,
        LocalProcess self,
        Dialer dialer,
        NetworkLimits limits,
        RemoteMethods methods,
        MessageSerializer serializer,
        Lazy<IRequestRouter> router,
        Lazy<GrainClaims?> claims,
        IOptions<ClusterOptions> cluster,
        TimeProvider time,
        ILogger<ClusterNetwork> log)
    {
        (_membership, _self, _router, _claims, _serializer, _methods, _time, _log) = (membership, self, router, claims, serializer, methods, time, log);
        Placement = placement;
        Context = new LinkContext(serializer, methods, limits, this, time, log);
        Links = new LinkTable(Context, dialer, self, cluster.Value.ClusterId, EndpointOf);
        Links.Lost = _ => OnLost();
        membership.OnChange(OnView);
    }

    public Placement Placement { get; }

    public LinkContext Context { get; }

    public LinkTable Links { get; }

    /// <summary>Sends a request to a silo; failures go to its sink.</summary>
    public void SendToSilo(SiloAddress silo, Request request)
    {
        if (request.Hops > NetworkLimits.MaxForwards)
        {
            request.Sink?.Fail(new OrleansMessageRejectionException(
                $"{request.Method} to {request.Target} was forwarded {NetworkLimits.MaxForwards} times and has not found its silo: the cluster is changing."));
        }
        else if (TryLink(silo, out var cause)?.TrySend(request, _membership.Current.Version) != true)
        {
            SendAgain(request, cause ?? new SiloUnavailableException($"Silo {silo} is shutting down."));
        }
    }

    /// <summary>Sends a request to an observer of another process, best effort.</summary>
    public void SendToObserver(string process, Request request)
    {
        var link = process.Contains('@', StringComparison.Ordinal)
            ? Links.To(SiloAddress.FromParsableString(process))
            : Links.ToClient(process);
        if (link?.TrySend(request, _membership.Current.Version) == true)
        {
            return;
        }

        LogNoObserver(request.Method, request.Target);
        request.Sink?.Fail(new OrleansMessageRejectionException(
            $"{request.Method} to {request.Target} was not delivered: this silo has no connection to the observer's process."));
    }

    /// <summary>Waits for a newer view, but not long.</summary>
    public async Task RefreshAsync()
    {
        try
        {
            await _membership.RefreshAsync().WaitAsync(NetworkLimits.RefreshTime, _time);
            _slow = null;
        }
        catch (Exception exception)
        {
            // The table is away, or slow. The view that there is must do.
            _slow = new(_membership.Current.Version, _time.GetTimestamp());
            LogNoRefresh(exception.Message);
        }
    }

    /// <summary>Waits for a view of this version, but not again and again when it cannot be had.</summary>
    public async Task RefreshToAsync(long version)
    {
        if (version <= _membership.Current.Version || (version <= _missed.Version && _time.GetElapsedTime(_missed.At) < NetworkLimits.RefreshPause))
        {
            return;
        }

        await RefreshAsync();
        if (version > _membership.Current.Version)
        {
            _missed = new(version, _time.GetTimestamp());
        }
    }

    public void OnRequest(Link link, FrameHeader header, in ReadOnlySequence<byte> body)
    {
        Request request;
        try
        {
            var method = _methods.Find(header.Interface, header.Method);
            var arguments = _serializer.ReadAll(body, method.Arguments);
            var sink = header.Id == 0 ? null : new LinkSink(link, header.Id, method);
            request = new Request(header.Target, method.Shape, arguments, sink) { Deadline = DeadlineOf(header.TimeLeft), Hops = header.Hops };
        }
        catch (Exception exception) when (exception is SerializationException or OrleansException or NotSupportedException)
        {
            LogNotUnderstood(header.Interface, header.Method, link.Peer, exception.Message);
            if (header.Id != 0)
            {
                link.Remember(header.Id, request: null);
                link.Fail(header.Id, exception);
            }

            return;
        }

        if (request.Method.CancellationIndex >= 0)
        {
            request.AddCancellation();
        }

        if (header.Id != 0)
        {
            link.Remember(header.Id, request);
        }

        if (header.Version > _membership.Current.Version && !ObserverRegistry.IsObserver(header.Target))
        {
            _ = SendWithViewAsync(request, header.Version);
        }
        else
        {
            _router.Value.Send(request);
        }
    }

    public void OnFrame(Link link, FrameHeader header)
    {
        switch (header.Kind)
        {
            case FrameKind.Probe:
                if (link.Peer.Silo is not null)
                {
                    _ = RefreshToAsync(header.Version);
                }

                link.Remember(header.Id, request: null);
                link.Complete(header.Id, _serializer.SlotOf(typeof(TimeSpan)), _membership.TableAge);
                break;
            case FrameKind.Changed:
                if (_self.Silo is not null || header.Version > _membership.Current.Version)
                {
                    _ = RefreshAsync();
                }

                break;
            case FrameKind.Release when _claims.Value is { } claims:
                _ = claims.ReleaseAsync(link, header);
                break;
            default:
                throw new OrleansException($"A message of the kind {header.Kind} makes no sense here.");
        }
    }

    public void OnNotSent(Link link, Request request, Exception cause)
    {
        if (ObserverRegistry.IsObserver(request.Target))
        {
            LogNoObserver(request.Method, request.Target);
            request.Sink?.Fail(link.Unavailable($"{request.Method} to {request.Target} was not delivered"));
        }
        else
        {
            SendAgain(request, cause);
        }
    }

    public void Dispose() => Links.Abort(new SiloUnavailableException("This process has ended."));

    // A silo that cannot be connected to now may be one that a newer view does not have.
    private Link? TryLink(SiloAddress silo, out Exception? cause)
    {
        cause = null;
        try
        {
            return Links.To(silo);
        }
        catch (SiloUnavailableException unavailable)
        {
            cause = unavailable;
            return null;
        }
    }

    private void SendAgain(Request request, Exception cause)
    {
        // What stands in the way is mostly a silo that goes, and a newer view knows another owner.
        if (++request.Failures > NetworkLimits.MaxForwards)
        {
            request.Sink?.Fail(new SiloUnavailableException($"{request.Method} to {request.Target} was not sent: {cause.Message}", cause));
        }
        else
        {
            _ = SendAfterRefreshAsync(request);
        }
    }

    private async Task SendAfterRefreshAsync(Request request)
    {
        // Where the last wait was in vain, the next one would be; and a newer view than that one had is as good as a wait.
        if (_slow is not { } slow || slow.Version < _membership.Current.Version || _time.GetElapsedTime(slow.At) >= NetworkLimits.RefreshPause)
        {
            await RefreshAsync();
        }

        _router.Value.Send(request);
    }

    private async Task SendWithViewAsync(Request request, long version)
    {
        await RefreshToAsync(version);
        _router.Value.Send(request);
    }

    private EndPoint? EndpointOf(SiloAddress silo)
    {
        if (_self.Silo is not null)
        {
            return silo.Endpoint;
        }

        var member = _membership.Current.Members.FirstOrDefault(member => member.Address.Equals(silo));
        return member is null or { GatewayPort: 0 } ? null : new IPEndPoint(silo.Endpoint.Address, member.GatewayPort);
    }

    private long DeadlineOf(TimeSpan left) => left <= TimeSpan.Zero
        ? 0
        : _time.GetTimestamp() + (long)Math.Min(left.TotalSeconds * _time.TimestampFrequency, long.MaxValue / 2);

    private void OnLost()
    {
        if (_self.Client is not null)
        {
            // A silo looks after the others by itself; a client has only this sign.
            _ = RefreshAsync();
        }
    }

    private void OnView(ClusterView view)
    {
        Links.Apply(view);
        foreach (var client in Links.Clients)
        {
            client.Tell(new() { Kind = FrameKind.Changed, Version = view.Version });
        }
    }

    /// <summary>The version that could not be had, and when that was.</summary>
    private sealed record Missed(long Version, long At);

    [LoggerMessage(9231, LogLevel.Debug, "Dropped {Method} to observer {Observer}: there is no connection to its process")]
    private partial void LogNoObserver(MethodShape method, GrainId observer);

    [LoggerMessage(9232, LogLevel.Debug, "The view of the cluster could not be refreshed: {Cause}")]
    private partial void LogNoRefresh(string cause);

    [LoggerMessage(9233, LogLevel.Warning, "A call of {Interface}.{Method} by {Peer} was not understood: {Cause}")]
    private partial void LogNotUnderstood(string? @interface, string? method, Peer peer, string cause);
}
