using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Primitives;

namespace Admission.Frontend.Discovery;

/// <summary>One name, its addresses as DNS said last, and a token that tells when they are others.</summary>
/// <remarks>
/// One question at a time: the next one is due when the answer to the last has come. The lock guards addresses, token and time; no question is asked under it.
/// That a name which had addresses has none any more is believed when it is said twice, because it takes every destination away at once.
/// </remarks>
internal sealed class WatchedHost : IDisposable
{
    /// <summary>Whoever starts waits so long; the question may go on.</summary>
    private static readonly TimeSpan FirstQuestion = TimeSpan.FromSeconds(5);

    /// <summary>A resolver asks another server, or the same again, after 5 s (resolv.conf, <c>timeout</c>); its answer must not come too late for us.</summary>
    private static readonly TimeSpan LongestQuestion = TimeSpan.FromSeconds(20);

    /// <summary>When it is asked again whether really none is left, unless that is due earlier.</summary>
    private static readonly TimeSpan Doubt = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _turn = new(1);
    private readonly string _host;
    private readonly IHostAddresses _addresses;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly Action<WatchedHost, Exception> _failed;
    private readonly Action<WatchedHost, IReadOnlyList<IPAddress>> _changed;
    private readonly Action<WatchedHost> _answered;
    private IReadOnlyList<IPAddress>? _known;
    private CancellationTokenSource _change = new();
    private TimeSpan _every;
    private volatile bool _asked;
    private volatile bool _doubted;
    private bool _disposed;

    public WatchedHost(
        string host, IHostAddresses addresses, TimeProvider time, Action<WatchedHost, IReadOnlyList<IPAddress>> changed, Action<WatchedHost, Exception> failed, Action<WatchedHost> answered)
    {
        (_host, _addresses, _time, _changed, _failed, _answered) = (host, addresses, time, changed, failed, answered);
        _timer = time.CreateTimer(static watched => _ = ((WatchedHost)watched!).LookAgainAsync(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The name.</summary>
    public string Host => _host;

    /// <summary>Whether somebody has asked since this was last set to false.</summary>
    public bool IsAsked { get; set; }

    /// <summary>Whether the last question was not answered, which is said once.</summary>
    public bool IsSilent { get; set; }

    /// <summary>What is known, asking only the first time, and a token that fires when it is something else.</summary>
    /// <param name="every">How often DNS is asked from now on.</param>
    /// <param name="cancellation">Ends the first question.</param>
    /// <returns>The addresses; null while DNS has not answered at all, so that nobody knows whether there are any.</returns>
    public async Task<(IReadOnlyList<IPAddress>? Addresses, IChangeToken Change)> ReadAsync(TimeSpan every, CancellationToken cancellation)
    {
        lock (_gate)
        {
            _every = every;
        }

        if (!_asked)
        {
            await _turn.WaitAsync(cancellation);
            try
            {
                if (!_asked)
                {
                    await AskAsync(FirstQuestion, cancellation);
                }
            }
            finally
            {
                _turn.Release();
            }
        }

        lock (_gate)
        {
            Schedule();
            return (_known, new CancellationChangeToken(_change.Token));
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _timer.Dispose();
        }
    }

    private async Task LookAgainAsync()
    {
        if (!await _turn.WaitAsync(TimeSpan.Zero))
        {
            return; // Somebody asks already, and sets the timer.
        }

        CancellationTokenSource? changed;
        try
        {
            changed = await AskAsync(LongestQuestion, CancellationToken.None);
        }
        finally
        {
            _turn.Release();
            lock (_gate)
            {
                Schedule();
            }
        }

        // Outside of everything: whoever listens reads at once.
        changed?.Cancel();
    }

    /// <returns>What is to be told, if the addresses are others.</returns>
    private async Task<CancellationTokenSource?> AskAsync(TimeSpan longest, CancellationToken cancellation)
    {
        try
        {
            using var bound = new CancellationTokenSource(longest, _time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(bound.Token, cancellation);
            var found = Ordered(await _addresses.AskAsync(_host, either.Token).WaitAsync(either.Token));
            _asked = true;
            if (IsSilent)
            {
                IsSilent = false;
                _answered(this);
            }

            _doubted = found.Count == 0 && _known is { Count: > 0 } && !_doubted;
            if (_doubted || (_known is not null && _known.SequenceEqual(found)))
            {
                return null;
            }

            _changed(this, found);
            lock (_gate)
            {
                _known = found;
                (var old, _change) = (_change, new CancellationTokenSource());
                return old;
            }
        }
        catch (Exception failure) when (failure is SocketException or ArgumentException || (failure is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            // What was known stays: a DNS server that is away has taken no backend with it.
            _asked = true;
            _failed(this, failure);
            IsSilent = true;
            return null;
        }
    }

    /// <summary>One family: a pod with two addresses is one pod, and has one limit.</summary>
    private static List<IPAddress> Ordered(IReadOnlyList<IPAddress> found)
    {
        var family = found.Any(address => address.AddressFamily == AddressFamily.InterNetwork) ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6;
        return [.. found.Where(address => address.AddressFamily == family).Distinct().OrderBy(address => address.ToString(), StringComparer.Ordinal)];
    }

    private void Schedule()
    {
        if (!_disposed)
        {
            _timer.Change(_doubted && Doubt < _every ? Doubt : _every, Timeout.InfiniteTimeSpan);
        }
    }
}
