using Microsoft.Extensions.DependencyInjection;
using Orleans.Fallback.Messages;
using Orleans.Fallback.Network;
using Orleans.Runtime;

namespace Orleans.Fallback.Engine;

/// <content>How an activation begins and ends.</content>
internal sealed partial class Activation
{
    private async Task ActivateAsync()
    {
        try
        {
            if (_catalog.Claims is { } claims && await claims.ClaimAsync(GrainId, _activating.Token) is not Claim.Granted and var claim)
            {
                GiveBack(claim);
                return;
            }

            _scope = _catalog.Services.CreateAsyncScope();
            var components = ActivationServices.GetRequiredService<ActivationComponents>();
            components.Context = this;
            GrainInstance = _catalog.Activator.Create(this, components);
            await components.LoadAsync();
            await ((IGrainBase)GrainInstance).OnActivateAsync(_activating.Token);
        }
        catch (Exception exception)
        {
            LogActivationFailed(exception, GrainId);
            await ReleaseAsync();
            foreach (var work in Leave())
            {
                work.Refuse(exception);
            }

            return;
        }

        lock (_gate)
        {
            _lastUse = Time.GetTimestamp();
            _state = _deactivation is null ? State.Active : State.Deactivating;
            Pump();
        }
    }

    /// <summary>There is no activation here; the requests go where the grain is.</summary>
    private void GiveBack(Claim claim)
    {
        foreach (var work in Leave())
        {
            if (claim == Claim.Yield)
            {
                work.Forward(_catalog.Router);
            }
            else
            {
                work.Refuse(new OrleansMessageRejectionException($"Two silos own {GrainId}, and this one cannot find out which of them does."));
            }
        }
    }

    private void GiveUpWaiting()
    {
        lock (_gate)
        {
            if (_state == State.Deactivating)
            {
                End();
            }
        }
    }

    private void End()
    {
        if (!_ending)
        {
            _ending = true;
            Run(DeactivateAsync);
        }
    }

    private async Task DeactivateAsync()
    {
        try
        {
            StopTimers();
            await ((IGrainBase)GrainInstance!).OnDeactivateAsync(_reason, _deactivation!.Token).WaitAsync(_deactivation.Token);
        }
        catch (Exception exception)
        {
            LogDeactivationFailed(exception, GrainId, _reason);
        }

        await ReleaseAsync();
        foreach (var work in Leave())
        {
            work.Forward(_catalog.Router);
        }
    }

    private void StopTimers()
    {
        GrainTimer[] timers;
        lock (_gate)
        {
            timers = [.. _timers];
        }

        foreach (var timer in timers)
        {
            timer.Dispose();
        }
    }

    private async Task ReleaseAsync()
    {
        try
        {
            StopTimers();
            if (GrainInstance is IAsyncDisposable asyncDisposable)
            {
                await asyncDisposable.DisposeAsync();
            }
            else
            {
                (GrainInstance as IDisposable)?.Dispose();
            }

            if (_scope is { } scope)
            {
                await scope.DisposeAsync();
            }
        }
        catch (Exception exception)
        {
            LogDeactivationFailed(exception, GrainId, _reason);
        }
    }

    /// <summary>Makes room for the next activation; returns the work that waits.</summary>
    private Work[] Leave()
    {
        Work[] waiting;
        lock (_gate)
        {
            _catalog.Remove(this);
            _state = State.Ended;
            waiting = [.. _waiting];
            _waiting.Clear();
        }

        _deactivationLimit?.Dispose();
        _ = _deactivated.TrySetResult();
        return waiting;
    }
}
