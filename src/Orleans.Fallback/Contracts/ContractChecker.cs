using System.Reflection;
using Orleans.Concurrency;
using Orleans.Fallback.Engine;
using Orleans.Fallback.Messages;
using Orleans.Runtime;

namespace Orleans.Fallback.Contracts;

/// <summary>Checks when the silo starts that real Orleans could carry every message of the application.</summary>
internal sealed class ContractChecker
{
    private readonly ApplicationTypes _types;
    private readonly HashSet<Type> _seen = [];
    private readonly SortedSet<string> _errors = new(StringComparer.Ordinal);

    private ContractChecker(ApplicationTypes types) => _types = types;

    /// <summary>Throws one exception that names every type that is wrong.</summary>
    /// <exception cref="OrleansConfigurationException">A type in the signature of a grain or observer interface cannot be a message.</exception>
    public static void Check(ApplicationTypes types)
    {
        var checker = new ContractChecker(types);
        foreach (var method in types.Interfaces.SelectMany(type => type.GetMethods(BindingFlags.Instance | BindingFlags.Public)))
        {
            checker.CheckMethod(method);
        }

        foreach (var grainClass in types.GrainClasses.Where(type => type.IsDefined(typeof(MayInterleaveAttribute), inherit: true)))
        {
            _ = checker._errors.Add($"{grainClass} has [MayInterleave], which the Orleans fallback does not know");
        }

        if (checker._errors.Count > 0)
        {
            throw new OrleansConfigurationException("Orleans could not carry these messages:\n  " + string.Join("\n  ", checker._errors));
        }
    }

    private void CheckMethod(MethodInfo method)
    {
        var place = $"{method.DeclaringType}.{method.Name}";
        if (ReturnShape.Of(method.ReturnType) is not { } shape)
        {
            _ = _errors.Add($"{place} returns {method.ReturnType}; it must return Task, Task<T>, ValueTask or ValueTask<T>");
            return;
        }

        if (method.ReturnType == typeof(void) && !method.DeclaringType!.IsAssignableTo(typeof(IGrainObserver)))
        {
            _ = _errors.Add($"{place} returns void, which only methods of observers can");
        }

        if (shape.ResultType is { } result)
        {
            CheckType(result, place);
        }

        foreach (var parameter in method.GetParameters())
        {
            CheckType(parameter.ParameterType, place);
        }
    }

    private void CheckType(Type type, string place)
    {
        if (type.IsByRef)
        {
            _ = _errors.Add($"{place} has a parameter by reference");
            return;
        }

        if (TypeRules.IsAtom(type) || type.IsGenericParameter || !_seen.Add(type))
        {
            return;
        }

        if (type.IsArray)
        {
            CheckType(type.GetElementType()!, place);
        }
        else if (TypeRules.IsCollection(type) || TypeRules.IsCollectionInterface(type) || TypeRules.IsTuple(type)
            || Nullable.GetUnderlyingType(type) is not null)
        {
            foreach (var argument in type.GenericTypeArguments)
            {
                CheckType(argument, place);
            }
        }
        else if (type.IsInterface)
        {
            if (!type.IsAssignableTo(typeof(IAddressable)))
            {
                _ = _errors.Add($"{type} ({place}) is an interface that is neither a grain's, an observer's nor a known collection's");
            }
        }
        else if (type.IsAssignableTo(typeof(IAddressable)))
        {
            _ = _errors.Add($"{type} ({place}) is a class of grains or observers; messages carry their interfaces");
        }
        else if (type.Assembly == typeof(object).Assembly || type == typeof(object))
        {
            _ = _errors.Add($"{type} ({place}) is no type that messages can carry");
        }
        else
        {
            CheckMessage(type, place);
        }
    }

    private void CheckMessage(Type type, string place)
    {
        var contract = MessageContract.Of(type);
        foreach (var error in contract.Errors)
        {
            _ = _errors.Add($"{error} ({place})");
        }

        foreach (var member in contract.Members)
        {
            CheckType(member.FieldType, place);
        }

        // Any of the derived types may come in its place.
        foreach (var derived in _types.All.Where(candidate => candidate != type && candidate.IsSubclassOf(type)))
        {
            CheckType(derived, place);
        }
    }
}
