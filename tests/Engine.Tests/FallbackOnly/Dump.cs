using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text;
using Orleans.Fallback.Contracts;
using Orleans.Fallback.References;

namespace Admission.Engine.Tests.FallbackOnly;

/// <summary>Describes an object graph with types, values and identities, so that two graphs are the same if their descriptions are.</summary>
public sealed class Dump
{
    private readonly StringBuilder _text = new();
    private readonly Dictionary<object, int> _known = new(ReferenceEqualityComparer.Instance);

    private Dump()
    {
    }

    public static string Of(object? value)
    {
        var dump = new Dump();
        dump.Add(value, "");
        return dump._text.ToString();
    }

    private void Add(object? value, string indent)
    {
        if (value is null)
        {
            _ = _text.AppendLine("null");
            return;
        }

        var type = value.GetType();
        _ = _text.Append(value is System.Net.IPAddress ? typeof(System.Net.IPAddress) : type).Append(' ');
        if (TypeRules.IsAtom(type) || value is GrainProxy)
        {
            _ = _text.AppendLine(value is ReadOnlyMemory<byte> bytes ? Convert.ToHexString(bytes.Span) : Convert.ToString(value, CultureInfo.InvariantCulture));
            return;
        }

        if (!type.IsValueType && !_known.TryAdd(value, _known.Count))
        {
            _ = _text.Append("again ").Append(_known[value]).AppendLine();
            return;
        }

        _ = _text.AppendLine();
        indent += "  ";
        if (TypeRules.IsCollection(type))
        {
            AddElements(value, type, indent);
            return;
        }

        const BindingFlags Declared = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        for (var level = type; level is not null && level != typeof(object); level = level.BaseType)
        {
            foreach (var field in level.GetFields(Declared))
            {
                _ = _text.Append(indent).Append(field.Name).Append(": ");
                Add(field.GetValue(value), indent);
            }
        }
    }

    private void AddElements(object value, Type type, string indent)
    {
        var comparer = type.GetProperty("Comparer") ?? type.GetProperty("KeyComparer");
        if (comparer is not null)
        {
            _ = _text.Append(indent).Append(comparer.GetValue(value)).AppendLine();
        }

        if (type.IsValueType && (bool)type.GetProperty("IsDefault")!.GetValue(value)!)
        {
            _ = _text.Append(indent).AppendLine("default");
            return;
        }

        if (value is Array { Rank: > 1 } array)
        {
            _ = _text.Append(indent).AppendLine(string.Join('x', Enumerable.Range(0, array.Rank).Select(array.GetLength)));
        }

        foreach (var element in (IEnumerable)value)
        {
            _ = _text.Append(indent).Append("- ");
            Add(element, indent);
        }
    }
}
