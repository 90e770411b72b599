using System.Net;
using System.Net.Sockets;

namespace Admission.EndToEnd.Cluster.Proxy;

/// <summary>One connection through a proxy: two sockets, and a pump each way.</summary>
internal sealed class ProxiedConnection(ProxiedLink link, Socket opener) : IDisposable
{
    private readonly CancellationTokenSource _reset = new();
    private readonly Socket _target = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

    /// <summary>Carries it to its end.</summary>
    public async Task RunAsync(IPEndPoint target)
    {
        try
        {
            if (!await TryConnectAsync(target))
            {
                Sockets.Reset(opener);
                return;
            }

            using var there = new Pump(opener, _target, link.There, link);
            using var back = new Pump(_target, opener, link.Back, link);
            await Task.WhenAll(there.RunAsync(_reset.Token), back.RunAsync(_reset.Token));
        }
        catch (OperationCanceledException)
        {
            // The link was cut.
            Sockets.Reset(opener);
            Sockets.Reset(_target);
        }
    }

    public void Reset() => _reset.Cancel();

    public void Dispose()
    {
        opener.Dispose();
        _target.Dispose();
        _reset.Dispose();
    }

    // Also that nobody listens there is something that has to come back.
    private async Task<bool> TryConnectAsync(IPEndPoint target)
    {
        await link.There.PassAsync(_reset.Token);
        try
        {
            await _target.ConnectAsync(target, _reset.Token);
            return true;
        }
        catch (SocketException)
        {
            await link.Back.PassAsync(_reset.Token);
            return false;
        }
    }
}
