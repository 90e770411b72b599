using System.Globalization;
using System.Text;

namespace Admission.Telemetry.Prometheus;

/// <summary>Writes families as text: Prometheus' format 0.0.4, or OpenMetrics 1.0.</summary>
internal sealed class Exposition(ExpositionFormat format)
{
    private readonly HashSet<string> _families = new(StringComparer.Ordinal);
    private readonly StringBuilder _text = new();

    private bool IsOpen => format == ExpositionFormat.OpenMetrics;

    /// <summary>Writes a family. One without rows leaves nothing, and so does a second one of a name, which no scraper would accept.</summary>
    public void Write(Family family)
    {
        var begun = false;
        family.Read(row =>
        {
            if (!begun && !Begin(family))
            {
                return;
            }

            begun = true;
            if (family.Kind == FamilyKind.Histogram)
            {
                WriteHistogram(family, row);
            }
            else
            {
                WriteSample(PrometheusName.Sample(family.Name, family.Kind), row.Labels, "", row.Value);
            }
        });
    }

    /// <summary>Writes what describes the process.</summary>
    public void WriteTarget(IEnumerable<KeyValuePair<string, object?>> attributes)
    {
        _families.Add("target_info");
        _text.Append("# HELP ").Append(IsOpen ? "target" : "target_info").Append(" The process.\n");
        _text.Append(IsOpen ? "# TYPE target info\n" : "# TYPE target_info gauge\n");
        WriteSample("target_info", AttributeSet.ToLabels([.. attributes]), "", 1);
    }

    /// <summary>The text.</summary>
    public StringBuilder End() => IsOpen ? _text.Append("# EOF\n") : _text;

    private bool Begin(Family family)
    {
        if (!_families.Add(family.Name))
        {
            return false;
        }

        // The older format names the samples, the newer one the family.
        var name = IsOpen ? family.Name : PrometheusName.Sample(family.Name, family.Kind);
        _text.Append("# HELP ").Append(name).Append(' ');
        AttributeSet.AppendEscaped(_text, family.Help, quotes: IsOpen);
        _text.Append("\n# TYPE ").Append(name).Append(' ').Append(family.Kind switch
        {
            FamilyKind.Counter => "counter",
            FamilyKind.Histogram => "histogram",
            _ => "gauge",
        }).Append('\n');
        if (IsOpen && family.Unit.Length > 0)
        {
            _text.Append("# UNIT ").Append(name).Append(' ').Append(family.Unit).Append('\n');
        }

        return true;
    }

    private void WriteHistogram(Family family, Series row)
    {
        var sum = 0L;
        for (var i = 0; i < row.Counts.Length; i++)
        {
            sum += row.Counts[i];
            WriteSample($"{family.Name}_bucket", row.Labels, $"le=\"{(i < family.Bounds.Length ? Bound(family.Bounds[i]) : "+Inf")}\"", sum);
        }

        WriteSample($"{family.Name}_sum", row.Labels, "", row.Value);
        WriteSample($"{family.Name}_count", row.Labels, "", sum);
    }

    private void WriteSample(string name, string labels, string more, double value)
    {
        _text.Append(name);
        if (labels.Length + more.Length > 0)
        {
            _text.Append('{').Append(labels).Append(labels.Length > 0 && more.Length > 0 ? "," : "").Append(more).Append('}');
        }

        _text.Append(' ').Append(Number(value)).Append('\n');
    }

    // OpenMetrics wants a bound to be seen to be a float.
    private string Bound(double bound)
    {
        var text = Number(bound);
        return IsOpen && !text.AsSpan().ContainsAny(".eEN") ? $"{text}.0" : text;
    }

    private static string Number(double value) =>
        double.IsPositiveInfinity(value) ? "+Inf" : double.IsNegativeInfinity(value) ? "-Inf" : value.ToString("R", CultureInfo.InvariantCulture);
}
