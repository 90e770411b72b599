using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Fallback.Engine;
using Orleans.Runtime;
using Orleans.TestKit.Storage;

namespace Orleans.TestKit;

/// <summary>Makes the grain object from services and states.</summary>
internal static class TestGrainCreator
{
    public static object Create(Type type, TestGrainActivationContext context, StorageManager storage)
    {
        var constructor = type.GetConstructors().MaxBy(candidate => candidate.GetParameters().Length)
            ?? throw new InvalidOperationException($"{type} has no public constructor.");
        var arguments = Array.ConvertAll(constructor.GetParameters(), parameter => Resolve(parameter, context, storage));
        return ActivationBeingCreated.Run(context, () => constructor.Invoke(
            BindingFlags.DoNotWrapExceptions, binder: null, arguments, culture: null));
    }

    private static object? Resolve(ParameterInfo parameter, TestGrainActivationContext context, StorageManager storage)
    {
        if (parameter.GetCustomAttribute<PersistentStateAttribute>() is { } state)
        {
            return storage.GetPersistentState(parameter.ParameterType.GenericTypeArguments[0], state.StateName);
        }

        return parameter.GetCustomAttribute<FromKeyedServicesAttribute>() is { } keyed
            ? ((IKeyedServiceProvider)context.ActivationServices).GetKeyedService(parameter.ParameterType, keyed.Key)
            : context.ActivationServices.GetService(parameter.ParameterType);
    }
}
