using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Admission.Frontend.Tests")]
