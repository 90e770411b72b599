using Orleans.Fallback.Messages;
using Orleans.Fallback.Network;
using Orleans.Runtime;

namespace Orleans.Fallback.Engine;

/// <summary>Sends the requests of a silo's process: to this silo, to another one, or to an observer wherever it is.</summary>
internal sealed class Router(
    ObserverRegistry observers, Lazy<Catalog> catalog, SiloGate gate, LocalProcess self, NetworkSwitch enabled, Lazy<ClusterNetwork> network)
    : IRequestRouter
{
    public void Send(Request request)
    {
        try
        {
            if (ObserverRegistry.IsObserver(request.Target))
            {
                SendToObserver(request);
            }
            else if (gate.Refusal is { } refusal)
            {
                request.Sink?.Fail(new SiloUnavailableException($"{refusal}, so {request.Method} to {request.Target} was not delivered."));
            }
            else if (enabled.IsOn)
            {
                SendInCluster(request);
            }
            else
            {
                catalog.Value.Dispatch(request);
            }
        }
        catch (Exception exception)
        {
            request.Sink?.Fail(exception);
        }
    }

    private void SendToObserver(Request request)
    {
        if (enabled.IsOn && ObserverRegistry.ProcessOf(request.Target) is var process && process != self.Name)
        {
            network.Value.SendToObserver(process, request);
        }
        else
        {
            observers.Dispatch(request);
        }
    }

    private void SendInCluster(Request request)
    {
        switch (network.Value.Placement.OwnerOf(request.Target))
        {
            case null when network.Value.Placement.Leaving:
                // The last silo goes; what is still active here can still be called.
                catalog.Value.Dispatch(request);
                break;
            case null:
                throw new SiloUnavailableException($"No silo is active, so {request.Method} to {request.Target} was not delivered.");
            case { } owner when owner.Equals(self.Silo):
                catalog.Value.Dispatch(request);
                break;
            case { } owner:
                network.Value.SendToSilo(owner, request);
                break;
        }
    }
}
