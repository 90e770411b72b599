using System.Net;
using System.Net.Sockets;
using Admission.Frontend.Discovery;

namespace Admission.Frontend.Tests.Support;

/// <summary>A DNS of the test's own: every name has the addresses that the test says.</summary>
internal sealed class NamesOfTests(params string[]? addresses) : IHostAddresses
{
    private volatile string[]? _addresses = addresses;
    private int _asked;
    private int _emptyAnswers;

    /// <summary>How often it was asked.</summary>
    public int Asked => Volatile.Read(ref _asked);

    /// <summary>From now on these; null for a server that does not answer.</summary>
    public void Say(params string[]? addresses) => _addresses = addresses;

    /// <summary>The next answer only is that there is none.</summary>
    public void SayNoneOnce() => Interlocked.Increment(ref _emptyAnswers);

    public Task<IReadOnlyList<IPAddress>> AskAsync(string host, CancellationToken cancellation)
    {
        Interlocked.Increment(ref _asked);
        return Interlocked.Exchange(ref _emptyAnswers, 0) > 0 ? Task.FromResult<IReadOnlyList<IPAddress>>([])
            : _addresses is { } known ? Task.FromResult<IReadOnlyList<IPAddress>>([.. known.Select(IPAddress.Parse)])
            : Task.FromException<IReadOnlyList<IPAddress>>(new SocketException((int)SocketError.TryAgain));
    }
}
