using System.Collections.Concurrent;
using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Fallback.Persistence;
using Orleans.Runtime;

namespace Orleans.Fallback.Engine;

/// <summary>Creates grain objects: constructor arguments come from the services, states from <see cref="PersistentStateAttribute"/>.</summary>
internal sealed class GrainActivator
{
    private readonly ConcurrentDictionary<Type, Plan> _plans = new();

    public object Create(Activation activation, ActivationComponents components)
    {
        var plan = _plans.GetOrAdd(activation.Class.Type, Make);
        var states = Array.ConvertAll(plan.States, parameter => components.CreateState(parameter));
        return ActivationBeingCreated.Run(activation, () => plan.Factory(activation.ActivationServices, states));
    }

    private static Plan Make(Type type)
    {
        var constructors = type.GetConstructors();
        var constructor = Array.Find(constructors, c => c.IsDefined(typeof(ActivatorUtilitiesConstructorAttribute)))
            ?? constructors.MaxBy(c => c.GetParameters().Length)
            ?? throw new OrleansException($"{type} has no public constructor.");
        var states = Array.FindAll(constructor.GetParameters(), parameter => parameter.IsDefined(typeof(PersistentStateAttribute)));
        foreach (var state in states)
        {
            if (!state.ParameterType.IsGenericType || state.ParameterType.GetGenericTypeDefinition() != typeof(IPersistentState<>))
            {
                throw new OrleansException($"{type}: parameter '{state.Name}' has [PersistentState] but is no IPersistentState<T>.");
            }
        }

        return new Plan(ActivatorUtilities.CreateFactory(type, Array.ConvertAll(states, state => state.ParameterType)), states);
    }

    private sealed record Plan(ObjectFactory Factory, ParameterInfo[] States);
}

/// <summary>What belongs to one activation beside the grain object; a scoped service.</summary>
internal sealed class ActivationComponents(IServiceProvider services)
{
    private readonly List<ILoadedBeforeActivation> _states = [];

    public IGrainContext? Context { get; set; }

    public object CreateState(ParameterInfo parameter)
    {
        var attribute = parameter.GetCustomAttribute<PersistentStateAttribute>()!;
        var type = typeof(PersistentState<>).MakeGenericType(parameter.ParameterType.GenericTypeArguments);
        var storage = GrainStorageLookup.Find(services, attribute.StorageName, Context!.GrainId);
        var state = System.Activator.CreateInstance(type, storage, attribute.StateName, Context.GrainId)!;
        _states.Add((ILoadedBeforeActivation)state);
        return state;
    }

    public async Task LoadAsync()
    {
        foreach (var state in _states)
        {
            await state.LoadAsync();
        }
    }
}
